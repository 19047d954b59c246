using static KvSessions.Core.Tests.SessionBench;

namespace KvSessions.Core.Tests.Sessions;

public sealed class RenewTests
{
    private readonly SessionBench _bench = new();

    [Fact]
    public async Task A_renewal_changes_the_id_and_nothing_else()
    {
        var id = await _bench.SeedAsync(number: 7, subject: "ann", expiry: SessionExpiry.In(TimeSpan.FromHours(5)).Persistent());
        var before = (await _bench.StoredAsync(id))!;
        _bench.Clock.Advance(TimeSpan.FromHours(1));
        var (session, client) = _bench.Request(id);

        await session.RenewAsync();

        Assert.Null(await _bench.StoredAsync(id));
        var after = (await _bench.StoredAsync(client.Id!))!;
        Assert.Equal(before with { Handle = after.Handle, Version = 2, LastSeenAt = _bench.Now }, after);
        Assert.NotEqual(id.Handle, after.Handle);
        Assert.Equal(after, await session.GetRecordAsync());
        Assert.Equal(after.Handle, session.Handle);
    }

    [Fact]
    public async Task A_renewal_takes_along_what_was_buffered()
    {
        var id = await _bench.SeedAsync(number: 7);
        var (session, client) = _bench.Request(id);
        session.Set(Text, "buffered");
        session.Remove(Number);
        await session.RenewAsync();
        await session.CommitAsync();

        Assert.Equal(["text"], (await _bench.StoredAsync(client.Id!))!.Values.Keys);
        Assert.Equal([StoreVerb.Load, StoreVerb.Renew], _bench.Store.Awaited);
    }

    [Fact]
    public async Task A_renewal_of_a_new_session_does_nothing()
    {
        var (session, client) = _bench.Request();
        session.Set(Number, 1);
        await session.RenewAsync();

        Assert.Empty(_bench.Store.Calls);
        await session.CommitAsync();
        Assert.Single(client.Ids);
    }

    [Fact]
    public async Task A_write_that_slips_in_between_is_carried_over()
    {
        var id = await _bench.SeedAsync(number: 1);
        var (session, client) = _bench.Request(id);
        _bench.Store.Once(StoreVerb.Renew, (store, handle) => UpdateTests.OtherSetsAsync(store, handle!.Value, 99));

        await session.RenewAsync();

        Assert.Equal(99, (await _bench.StoredAsync(client.Id!))!.Get(Number));
        Assert.Equal(99, await session.GetAsync(Number));
        Assert.Null(await _bench.StoredAsync(id));
    }

    [Fact]
    public async Task Of_two_renewals_at_once_one_wins_and_the_other_hears_of_it()
    {
        var id = await _bench.SeedAsync(number: 1);
        var (one, first) = _bench.Request(id);
        var (two, second) = _bench.Request(id);
        await two.GetAsync(Number);
        await one.RenewAsync();

        await Assert.ThrowsAsync<SessionGoneException>(async () => await two.RenewAsync());
        Assert.NotNull(await _bench.StoredAsync(first.Id!));
        Assert.Null(second.Id);
    }

    [Fact]
    public async Task An_id_that_is_taken_is_tried_again_with_another()
    {
        var (session, client) = _bench.Request();
        session.Set(Number, 1);
        _bench.Store.RefuseCreates(2);

        await session.CommitAsync();

        Assert.Equal(3, _bench.Store.Count(StoreVerb.Create));
        Assert.Equal(3, _bench.Store.Calls.Select(call => call.Handle).Distinct().Count());
        Assert.Equal(1, (await _bench.StoredAsync(client.Id!))!.Get(Number));
        Assert.Single(client.Ids);
    }

    [Fact]
    public async Task A_store_that_takes_no_id_at_all_is_given_up_on()
    {
        var (session, client) = _bench.Request();
        session.Set(Number, 1);
        _bench.Store.RefuseCreates(int.MaxValue);

        var fault = await Assert.ThrowsAsync<SessionConflictException>(async () => await session.CommitAsync());
        Assert.Contains("100 attempts", fault.Message, StringComparison.Ordinal);
        Assert.Equal(100, _bench.Store.Count(StoreVerb.Create));
        Assert.Null(client.Id);
    }
}
