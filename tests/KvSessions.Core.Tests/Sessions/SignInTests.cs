using static KvSessions.Core.Tests.SessionBench;

namespace KvSessions.Core.Tests.Sessions;

public sealed class SignInTests
{
    private readonly SessionBench _bench = new();

    [Fact]
    public async Task Signing_in_without_a_session_creates_one_at_once()
    {
        var (session, client) = _bench.Request();
        session.Set(Text, "buffered");

        await session.SignInAsync("ann");

        var stored = (await _bench.StoredAsync(client.Id!))!;
        Assert.Equal(("ann", "buffered", 1), (stored.Subject, stored.Get(Text), stored.Version));
        Assert.Equal("ann", await session.GetSubjectAsync());
        Assert.Equal([StoreVerb.Create], _bench.Store.Awaited);
    }

    [Fact]
    public async Task Signing_in_changes_the_id_and_the_old_one_is_dead()
    {
        var id = await _bench.SeedAsync(number: 7);
        var (session, client) = _bench.Request(id);

        await session.SignInAsync("ann");

        Assert.NotEqual(id, client.Id);
        Assert.Null(await _bench.StoredAsync(id));
        Assert.Equal(0, await _bench.Open(id).GetAsync(Number));
        Assert.Equal("ann", await _bench.Open(client.Id).GetSubjectAsync());
    }

    [Fact]
    public async Task A_write_with_the_old_id_never_reaches_the_session_of_the_user()
    {
        var id = await _bench.SeedAsync(number: 7);
        var attacker = _bench.Open(id);
        attacker.Set(Number, 666);
        var (victim, client) = _bench.Request(id);
        await victim.SignInAsync("ann");

        await attacker.CommitAsync();

        Assert.Equal(7, (await _bench.StoredAsync(client.Id!))!.Get(Number));
        Assert.Null(await _bench.StoredAsync(id));
    }

    [Fact]
    public async Task What_an_anonymous_visitor_stored_is_kept()
    {
        var id = await _bench.SeedAsync(number: 7);
        var (session, client) = _bench.Request(id);
        session.Set(Text, "buffered");
        await session.SignInAsync("ann");

        var stored = (await _bench.StoredAsync(client.Id!))!;
        Assert.Equal((7, "buffered", 2), (stored.Get(Number), stored.Get(Text), stored.Version));
        Assert.Equal(7, await session.GetAsync(Number));
        Assert.Equal([StoreVerb.Load, StoreVerb.Renew], _bench.Store.Awaited);
    }

    [Fact]
    public async Task The_same_user_keeps_the_values_and_starts_a_new_session()
    {
        var id = await _bench.SeedAsync(number: 7, subject: "ann");
        _bench.Clock.Advance(TimeSpan.FromMinutes(5));
        var (session, client) = _bench.Request(id);
        await session.SignInAsync("ann");

        var stored = (await _bench.StoredAsync(client.Id!))!;
        Assert.Equal((7, _bench.Now), (stored.Get(Number), stored.CreatedAt));
        Assert.Equal(_bench.Now + _bench.Options.AbsoluteTimeout, stored.AbsoluteExpiresAt);
        Assert.NotEqual(id, client.Id);
    }

    [Theory]
    [InlineData("Ann")]
    [InlineData("bob")]
    public async Task Another_user_sees_nothing_of_what_was_stored(string other)
    {
        var id = await _bench.SeedAsync(number: 7, subject: "ann");
        var (session, client) = _bench.Request(id);
        session.Set(Text, "set in this request, for whoever signs in");

        await session.SignInAsync(other);
        await session.CommitAsync();

        var stored = (await _bench.StoredAsync(client.Id!))!;
        Assert.Equal(other, stored.Subject);
        Assert.Equal(["text"], stored.Values.Keys);
        Assert.Equal(["text"], await session.GetKeysAsync());
        Assert.Null(await _bench.StoredAsync(id));
    }

    [Fact]
    public async Task A_write_that_slips_in_between_is_carried_over()
    {
        var id = await _bench.SeedAsync(number: 1);
        var (session, client) = _bench.Request(id);
        _bench.Store.Once(StoreVerb.Renew, (store, handle) => UpdateTests.OtherSetsAsync(store, handle!.Value, 99));

        await session.SignInAsync("ann");

        var stored = (await _bench.StoredAsync(client.Id!))!;
        Assert.Equal((99, "ann"), (stored.Get(Number), stored.Subject));
    }

    [Fact]
    public async Task Writes_that_race_with_a_sign_in_are_carried_over_or_refused_and_never_lost()
    {
        for (var round = 0; round < 50; round++)
        {
            var id = await _bench.SeedAsync(number: 0);
            var (session, client) = _bench.Request(id);
            _bench.Store.Before = static async (_, _) => await Task.Yield();
            var write = Task.Run(async () =>
            {
                try
                {
                    return await _bench.Open(id).UpdateAsync(Number, _ => 5) == 5;
                }
                catch (SessionGoneException)
                {
                    return false;
                }
            });
            await session.SignInAsync("ann");

            // The update may also come when the id is unknown already; then it waits for a commit that never comes.
            var wasSaved = await write;
            var carried = (await _bench.StoredAsync(client.Id!))!.Get(Number) == 5;
            Assert.True(wasSaved || !carried);
            Assert.Null(await _bench.StoredAsync(id));
        }
    }

    [Fact]
    public async Task A_session_that_ended_meanwhile_does_not_keep_the_user_out()
    {
        var id = await _bench.SeedAsync(number: 7);
        var (session, client) = _bench.Request(id);
        _bench.Store.Once(StoreVerb.Renew, async (store, handle) => await store.DeleteAsync(handle!.Value));

        await session.SignInAsync("ann");

        var stored = (await _bench.StoredAsync(client.Id!))!;
        Assert.Equal(("ann", 0), (stored.Subject, stored.Values.Count));
    }

    [Fact]
    public async Task A_session_that_others_change_and_then_end_does_not_keep_the_user_out()
    {
        var id = await _bench.SeedAsync(number: 7);
        var (session, client) = _bench.Request(id);
        _bench.Store.Once(
            StoreVerb.Renew,
            async (store, handle) =>
            {
                await UpdateTests.OtherSetsAsync(store, handle!.Value, 99);
                _bench.Store.Once(StoreVerb.Load, async (_, _) => await store.DeleteAsync(handle.Value));
            });

        await session.SignInAsync("ann");

        var stored = (await _bench.StoredAsync(client.Id!))!;
        Assert.Equal(("ann", 0, 1), (stored.Subject, stored.Values.Count, stored.Version));
        Assert.Null(await _bench.StoredAsync(id));
    }

    [Fact]
    public async Task A_sign_in_that_others_beat_every_time_gives_up_and_says_so()
    {
        var id = await _bench.SeedAsync(number: 0);
        var (session, client) = _bench.Request(id);
        var beaten = 0;
        _bench.Store.Before = async (call, _) =>
        {
            if (call.Verb == StoreVerb.Renew)
            {
                await UpdateTests.OtherSetsAsync(_bench.Store.Inner, id.Handle, ++beaten);
            }
        };

        await Assert.ThrowsAsync<SessionConflictException>(async () => await session.SignInAsync("ann"));

        Assert.Null(client.Id);
        Assert.Equal((100, 100), (beaten, (await _bench.StoredAsync(id))!.Get(Number)));
    }

    [Fact]
    public async Task A_sign_in_can_have_an_expiry_of_its_own()
    {
        var (session, client) = _bench.Request();
        await session.SignInAsync("ann", SessionExpiry.In(TimeSpan.FromDays(60)).Persistent());

        Assert.Equal(_bench.Now.AddDays(60), client.Saved.Expiry!.AbsoluteExpiresAt);
        Assert.True(client.Saved.Expiry.IsPersistent);
        Assert.Null((await _bench.StoredAsync(client.Id!))!.IdleExpiresAt);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public async Task A_subject_that_no_store_could_keep_is_refused_before_the_store_is_asked(string subject)
    {
        var id = await _bench.SeedAsync();

        await Assert.ThrowsAsync<ArgumentException>(nameof(subject), async () => await _bench.Open(id).SignInAsync(subject));
        await Assert.ThrowsAsync<ArgumentException>(nameof(subject), async () => await _bench.Open(id).SignInAsync(new string('a', 257)));
        await Assert.ThrowsAsync<ArgumentNullException>(nameof(subject), async () => await _bench.Open(id).SignInAsync(null!));
        Assert.Empty(_bench.Store.Calls);
    }

    [Fact]
    public async Task A_sign_in_that_fails_leaves_the_session_as_it_was()
    {
        var id = await _bench.SeedAsync(number: 7);
        var (session, client) = _bench.Request(id);
        _bench.Store.Break(StoreVerb.Renew);

        await Assert.ThrowsAsync<SessionStoreException>(async () => await session.SignInAsync("ann"));

        Assert.Null(client.Id);
        Assert.Equal(7, (await _bench.StoredAsync(id))!.Get(Number));
    }
}
