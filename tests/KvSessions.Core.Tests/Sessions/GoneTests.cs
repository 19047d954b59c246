using static KvSessions.Core.Tests.SessionBench;

namespace KvSessions.Core.Tests.Sessions;

public sealed class GoneTests
{
    private readonly SessionBench _bench = new();

    public static TheoryData<string> Ends => ["deleted", "renewed", "expired"];

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task A_session_that_ended_while_it_was_used_is_not_restored(string end)
    {
        var id = await _bench.SeedAsync(number: 1);
        var (session, client) = _bench.Request(id);
        await session.GetAsync(Number);
        session.Set(Number, 2);
        await EndAsync(id, end);

        await Assert.ThrowsAsync<SessionGoneException>(async () => await session.CommitAsync());
        await session.CommitAsync();

        await AssertNothingRestoredAsync(id, client);
        Assert.Null(session.Handle);
        Assert.Equal(0, await session.GetAsync(Number));
    }

    [Fact]
    public async Task A_session_that_ends_in_the_request_that_began_it_is_not_replaced()
    {
        var (session, client) = _bench.Request();
        await session.SignInAsync("ann");
        await EndAsync(client.Id!, "deleted");
        session.Set(Number, 2);

        await Assert.ThrowsAsync<SessionGoneException>(async () => await session.CommitAsync());
        await session.CommitAsync();

        Assert.Single(client.Ids);
        Assert.Equal(1, _bench.Store.Count(StoreVerb.Create));
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task An_update_of_a_session_that_ended_meanwhile_is_not_stored_anywhere(string end)
    {
        var id = await _bench.SeedAsync(number: 1);
        var (session, client) = _bench.Request(id);
        _bench.Store.Once(StoreVerb.Save, (_, _) => EndAsync(id, end));

        await Assert.ThrowsAsync<SessionGoneException>(async () => await session.UpdateAsync(Number, n => n + 1));
        await session.CommitAsync();

        await AssertNothingRestoredAsync(id, client);
    }

    [Fact]
    public async Task An_update_that_meets_first_another_write_and_then_the_end_is_not_stored_anywhere()
    {
        var id = await _bench.SeedAsync(number: 1, subject: "ann");
        var (session, client) = _bench.Request(id);
        session.Set(Text, "buffered");
        _bench.Store.Once(
            StoreVerb.Save,
            async (store, handle) =>
            {
                await UpdateTests.OtherSetsAsync(store, handle!.Value, 5);
                _bench.Store.Once(StoreVerb.Load, (_, _) => EndAsync(id, "deleted"));
            });

        await Assert.ThrowsAsync<SessionGoneException>(async () => await session.UpdateAsync(Number, n => n + 1));
        await session.CommitAsync();

        await AssertNothingRestoredAsync(id, client);
    }

    [Fact]
    public async Task A_pop_that_meets_first_another_write_and_then_the_end_says_so()
    {
        var id = await _bench.SeedAsync(number: 1);
        var (session, client) = _bench.Request(id);
        session.Set(Text, "buffered");
        _bench.Store.Once(
            StoreVerb.Save,
            async (store, handle) =>
            {
                await UpdateTests.OtherSetsAsync(store, handle!.Value, 5);
                _bench.Store.Once(StoreVerb.Load, (_, _) => EndAsync(id, "deleted"));
            });

        await Assert.ThrowsAsync<SessionGoneException>(async () => await session.PopAsync(Number));
        await session.CommitAsync();

        await AssertNothingRestoredAsync(id, client);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_session_that_ends_between_two_saves_of_one_request_is_not_replaced(bool othersWriteToo)
    {
        var id = await _bench.SeedAsync(number: 1, subject: "ann");
        var (session, client) = _bench.Request(id);
        if (othersWriteToo)
        {
            await session.GetAsync(Number);
            await UpdateTests.OtherSetsAsync(_bench.Store.Inner, id.Handle, 5);
        }

        session.Set(Text, "first");
        await session.CommitAsync();
        await EndAsync(id, "deleted");
        session.Set(Text, "second");

        await Assert.ThrowsAsync<SessionGoneException>(async () => await session.CommitAsync());
        await session.CommitAsync();

        await AssertNothingRestoredAsync(id, client);
    }

    [Fact]
    public async Task A_session_that_is_found_gone_after_it_was_saved_is_not_replaced()
    {
        var id = await _bench.SeedAsync(number: 1, subject: "ann");
        var (session, client) = _bench.Request(id);
        session.Set(Text, "first");
        await session.CommitAsync();
        await EndAsync(id, "deleted");

        await Assert.ThrowsAsync<SessionGoneException>(async () => await session.GetAsync(Number));
        await AssertNothingRestoredAsync(id, client);
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task A_renewal_of_a_session_that_ended_meanwhile_renews_nothing(string end)
    {
        var id = await _bench.SeedAsync();
        var (session, client) = _bench.Request(id);
        session.Set(Text, "buffered");
        _bench.Store.Once(StoreVerb.Renew, (_, _) => EndAsync(id, end));

        await Assert.ThrowsAsync<SessionGoneException>(async () => await session.RenewAsync());
        await session.CommitAsync();

        await AssertNothingRestoredAsync(id, client);
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task A_blind_write_to_a_dead_id_makes_a_session_of_its_own(string end)
    {
        var id = await _bench.SeedAsync(number: 1);
        await EndAsync(id, end);
        var (session, client) = _bench.Request(id);
        session.Set(Text, "mine");
        await session.CommitAsync();

        Assert.NotNull(client.Id);
        Assert.NotEqual(id, client.Id);
        Assert.Null(await _bench.StoredAsync(id));
        var stored = (await _bench.StoredAsync(client.Id))!;
        Assert.Equal((1, 1, "mine"), (stored.Version, stored.Values.Count, stored.Get(Text)));
        Assert.Equal([StoreVerb.Save, StoreVerb.Create], _bench.Store.Awaited);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_id_that_the_store_does_not_know_is_never_adopted(bool readsFirst)
    {
        var planted = SessionId.New();
        var (session, client) = _bench.Request(planted);
        if (readsFirst)
        {
            Assert.Equal(0, await session.GetAsync(Number));
            Assert.Null(session.Handle);
        }

        session.Set(Number, 1);
        await session.CommitAsync();

        Assert.NotEqual(planted, client.Id);
        Assert.Null(await _bench.StoredAsync(planted));
        Assert.Equal(1, (await _bench.StoredAsync(client.Id!))!.Get(Number));
    }

    [Fact]
    public async Task Signing_in_or_updating_under_an_unknown_id_never_adopts_it()
    {
        var planted = SessionId.New();
        var (signIn, first) = _bench.Request(planted);
        await signIn.SignInAsync("ann");
        var (update, second) = _bench.Request(planted);
        await update.UpdateAsync(Number, n => n + 1);
        await update.CommitAsync();
        await _bench.Open(planted).RenewAsync();

        Assert.Null(await _bench.StoredAsync(planted));
        Assert.NotEqual(planted, first.Id);
        Assert.NotEqual(planted, second.Id);
    }

    [Fact]
    public async Task Removing_from_a_dead_session_makes_no_new_one()
    {
        var (session, client) = _bench.Request(SessionId.New());
        session.Remove(Number);
        session.Clear();
        await session.CommitAsync();

        Assert.Null(client.Id);
        Assert.Equal([StoreVerb.Save], _bench.Store.Awaited);
    }

    private async Task EndAsync(SessionId id, string end)
    {
        switch (end)
        {
            case "deleted":
                Assert.True(await _bench.Store.Inner.DeleteAsync(id.Handle));
                break;

            case "renewed":
                var old = (await _bench.StoredAsync(id))!;
                var renewed = old with { Handle = SessionId.New().Handle, Version = old.Version + 1 };
                Assert.Equal(SaveStatus.Saved, (await _bench.Store.Inner.RenewAsync(id.Handle, renewed)).Status);
                break;

            default:
                _bench.Clock.Advance(TimeSpan.FromDays(30));
                break;
        }
    }

    private async Task AssertNothingRestoredAsync(SessionId id, FakeTransport client)
    {
        Assert.Null(await _bench.StoredAsync(id));
        Assert.Empty(client.Ids);
        Assert.Equal(0, _bench.Store.Count(StoreVerb.Create));
    }
}
