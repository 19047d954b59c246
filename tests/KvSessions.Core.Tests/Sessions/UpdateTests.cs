using static KvSessions.Core.Tests.SessionBench;

namespace KvSessions.Core.Tests.Sessions;

public sealed class UpdateTests
{
    private readonly SessionBench _bench = new();

    [Fact]
    public async Task An_update_is_stored_when_it_returns_with_what_was_buffered()
    {
        var id = await _bench.SeedAsync(number: 1);
        var (session, client) = _bench.Request(id);
        session.Set(Text, "buffered");

        Assert.Equal(2, await session.UpdateAsync(Number, n => n + 1));

        var stored = (await _bench.StoredAsync(id))!;
        Assert.Equal((2, "buffered"), (stored.Get(Number), stored.Get(Text)));
        await session.CommitAsync();
        Assert.Equal([StoreVerb.Load, StoreVerb.Save], _bench.Store.Awaited);
        Assert.Null(client.Id);
    }

    [Fact]
    public async Task An_update_starts_from_this_requests_own_unsaved_value()
    {
        var id = await _bench.SeedAsync(number: 1);
        var session = _bench.Open(id);
        session.Set(Number, 10);

        Assert.Equal(11, await session.UpdateAsync(Number, n => n + 1));
        Assert.Equal(11, (await _bench.StoredAsync(id))!.Get(Number));
    }

    [Fact]
    public async Task An_update_of_a_new_session_waits_for_the_commit()
    {
        var (session, client) = _bench.Request();

        Assert.Equal(1, await session.UpdateAsync(Number, n => n + 1));
        Assert.Equal(2, await session.UpdateAsync(Number, n => n + 1));
        Assert.Empty(_bench.Store.Calls);
        await session.CommitAsync();

        Assert.Equal(2, (await _bench.StoredAsync(client.Id!))!.Get(Number));
    }

    [Fact]
    public async Task An_update_that_meets_another_is_applied_again_to_the_fresh_value()
    {
        var id = await _bench.SeedAsync(number: 1);
        var session = _bench.Open(id);
        List<int> seen = [];
        _bench.Store.Once(StoreVerb.Save, (store, handle) => OtherSetsAsync(store, handle!.Value, 100));

        Assert.Equal(101, await session.UpdateAsync(Number, n => Note(seen, n) + 1));

        Assert.Equal([1, 100], seen);
        Assert.Equal(101, (await _bench.StoredAsync(id))!.Get(Number));
    }

    [Fact]
    public async Task Of_many_parallel_updates_none_is_lost()
    {
        const int Requests = 64;
        const int Each = 5;
        var id = await _bench.SeedAsync(number: 0);
        _bench.Store.Before = static async (_, _) => await Task.Yield();

        await Task.WhenAll(Enumerable.Range(0, Requests).Select(_ => Task.Run(async () =>
        {
            var session = _bench.Open(id);
            for (var i = 0; i < Each; i++)
            {
                await IncrementAsync(session);
            }
        })));

        Assert.Equal(Requests * Each, (await _bench.StoredAsync(id))!.Get(Number));
    }

    [Fact]
    public async Task Updates_and_blind_writes_of_other_keys_do_not_harm_each_other()
    {
        var id = await _bench.SeedAsync(number: 0);
        _bench.Store.Before = static async (_, _) => await Task.Yield();

        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(async () =>
        {
            var session = _bench.Open(id);
            if (i % 2 == 0)
            {
                await IncrementAsync(session);
            }
            else
            {
                session.Set(new SessionKey<int>($"key-{i}"), i);
                await session.CommitAsync();
            }
        })));

        var stored = (await _bench.StoredAsync(id))!;
        Assert.Equal(20, stored.Get(Number));
        Assert.Equal(21, stored.Values.Count);
    }

    [Fact]
    public async Task An_update_that_others_beat_every_time_gives_up_and_says_so()
    {
        var id = await _bench.SeedAsync(number: 0);
        var session = _bench.Open(id);
        var beaten = 0;
        _bench.Store.Before = async (call, _) =>
        {
            if (call.Verb == StoreVerb.Save)
            {
                await OtherSetsAsync(_bench.Store.Inner, id.Handle, ++beaten);
            }
        };

        await Assert.ThrowsAsync<SessionConflictException>(async () => await session.UpdateAsync(Number, _ => -1));

        Assert.Equal((100, 100), (beaten, (await _bench.StoredAsync(id))!.Get(Number)));
        await Assert.ThrowsAsync<SessionConflictException>(async () => await session.PopAsync(Number));
        Assert.Equal((200, 200), (beaten, (await _bench.StoredAsync(id))!.Get(Number)));
    }

    [Fact]
    public async Task An_update_that_meets_another_still_saves_all_that_was_buffered_once()
    {
        var id = await _bench.SeedAsync(number: 1);
        var seed = _bench.Open(id);
        seed.Set(Text, "old");
        await seed.CommitAsync();
        var session = _bench.Open(id);
        session.Remove(Text);
        session.Set(Other, "buffered");
        _bench.Store.Once(StoreVerb.Save, (store, handle) => OtherSetsAsync(store, handle!.Value, 100));

        await session.UpdateAsync(Number, n => n + 1);

        var stored = (await _bench.StoredAsync(id))!;
        Assert.Equal(["number", "other"], stored.Values.Keys);
        Assert.Equal((101, "buffered"), (stored.Get(Number), stored.Get(Other)));
        _bench.Store.Forget();
        await session.CommitAsync();
        Assert.Empty(_bench.Store.Calls);
    }

    [Fact]
    public async Task An_update_that_gives_up_leaves_what_was_buffered_as_it_was()
    {
        var id = await _bench.SeedAsync(number: 0);
        var session = _bench.Open(id);
        session.Set(Text, "buffered");
        _bench.Store.Break(StoreVerb.Save);
        await Assert.ThrowsAsync<SessionStoreException>(async () => await session.UpdateAsync(Number, _ => 5));
        await Assert.ThrowsAsync<SessionStoreException>(async () => await session.PopAsync(Number));
        _bench.Store.Heal();
        await session.CommitAsync();

        var stored = (await _bench.StoredAsync(id))!;
        Assert.Equal((0, "buffered"), (stored.Get(Number), stored.Get(Text)));
        Assert.Equal(2, stored.Values.Count);
    }

    [Fact]
    public async Task An_update_after_clearing_leaves_its_own_value_only()
    {
        var id = await _bench.SeedAsync(number: 1);
        var session = _bench.Open(id);
        session.Clear();
        Assert.Equal("text", await session.UpdateAsync(Text, text => text ?? "text"));

        Assert.Equal(["text"], (await _bench.StoredAsync(id))!.Values.Keys);
    }

    [Fact]
    public async Task An_update_whose_function_throws_changes_nothing()
    {
        var id = await _bench.SeedAsync(number: 1);
        var session = _bench.Open(id);

        await Assert.ThrowsAsync<FormatException>(async () => await session.UpdateAsync(Number, _ => throw new FormatException()));
        await session.CommitAsync();

        Assert.Equal([StoreVerb.Load], _bench.Store.Awaited);
    }

    [Fact]
    public async Task A_value_is_popped_by_exactly_one_of_many()
    {
        var id = await _bench.SeedAsync(number: 42);
        _bench.Store.Before = static async (_, _) => await Task.Yield();

        var popped = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(async () => await _bench.Open(id).PopAsync(Number))));

        Assert.Single(popped, 42);
        Assert.Equal(49, popped.Count(value => value == 0));
        Assert.False(await _bench.Open(id).ContainsAsync(Number));
    }

    [Fact]
    public async Task What_is_popped_is_gone_at_once_and_for_this_request_too()
    {
        var id = await _bench.SeedAsync(number: 42);
        var session = _bench.Open(id);
        session.Set(Text, "buffered");

        Assert.Equal(42, await session.PopAsync(Number));
        Assert.Equal(["text"], (await _bench.StoredAsync(id))!.Values.Keys);
        Assert.Equal(0, await session.PopAsync(Number));
        Assert.Null(await _bench.Open().PopAsync(Text));
    }

    [Fact]
    public async Task An_unsaved_value_can_be_popped_from_a_new_session()
    {
        var (session, client) = _bench.Request();
        session.Set(Text, "flash");

        Assert.Equal("flash", await session.PopAsync(Text));
        Assert.Null(await session.PopAsync(Text));
        await session.CommitAsync();

        Assert.Null(client.Id);
        Assert.Empty(_bench.Store.Calls);
    }

    internal static Task OtherSetsAsync(ISessionStore store, SessionHandle handle, int number) =>
        store.SaveAsync(handle, new SessionChanges { Sets = new Dictionary<string, ReadOnlyMemory<byte>> { [Number.Name] = Number.Encode(number) } }).AsTask();

    // Of 64 that meet again and again, one may lose a hundred times in a row; that is an answer, not a loss.
    private static async Task IncrementAsync(Session session)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await session.UpdateAsync(Number, n => n + 1);
                return;
            }
            catch (SessionConflictException) when (tries < 20)
            {
            }
        }
    }

    private static int Note(List<int> seen, int value)
    {
        seen.Add(value);
        return value;
    }
}
