using static KvSessions.Core.Tests.SessionBench;

namespace KvSessions.Core.Tests.Sessions;

public sealed class OwnExpiryTests
{
    private readonly SessionBench _bench = new();

    [Fact]
    public async Task A_session_has_the_expiry_of_the_options_and_the_slack_of_an_unwritten_touch()
    {
        var id = await _bench.SeedAsync();

        var stored = (await _bench.StoredAsync(id))!;
        Assert.Equal(TimeSpan.FromMinutes(21), stored.Expiry.IdleTimeout);
        Assert.Equal(_bench.Now.AddDays(14), stored.AbsoluteExpiresAt);
        Assert.Null(stored.Expiry.Lifetime);
        Assert.False(stored.Expiry.IsPersistent);
    }

    [Fact]
    public async Task A_session_can_be_given_an_expiry_of_its_own_and_the_client_is_told()
    {
        var id = await _bench.SeedAsync();
        _bench.Clock.Advance(TimeSpan.FromMinutes(10));
        var (session, client) = _bench.Request(id);
        session.SetExpiry(SessionExpiry.In(TimeSpan.FromDays(60)).Persistent());
        Assert.Null(client.Id);
        await session.CommitAsync();

        Assert.Equal(id, client.Id);
        Assert.Equal(_bench.Now.AddDays(60), client.Saved.Expiry!.AbsoluteExpiresAt);
        _bench.Clock.Advance(TimeSpan.FromDays(60) - Records.Tick);
        Assert.NotNull(await _bench.StoredAsync(id));
        _bench.Clock.Advance(Records.Tick);
        Assert.Null(await _bench.StoredAsync(id));
    }

    [Fact]
    public async Task A_new_session_starts_with_the_expiry_it_was_given()
    {
        var (session, client) = _bench.Request();
        session.SetExpiry(SessionExpiry.At(_bench.Now.AddHours(1)));
        session.Set(Number, 1);
        await session.CommitAsync();

        Assert.Equal(_bench.Now.AddHours(1), (await _bench.StoredAsync(client.Id!))!.ExpiresAt);
        Assert.Equal([StoreVerb.Create], _bench.Store.Awaited);
    }

    [Fact]
    public async Task Other_changes_and_renewals_leave_the_expiry_as_it_is()
    {
        var id = await _bench.SeedAsync(expiry: SessionExpiry.In(TimeSpan.FromDays(60)));
        var expiry = (await _bench.StoredAsync(id))!.Expiry;
        _bench.Clock.Advance(TimeSpan.FromDays(1));
        var (session, client) = _bench.Request(id);
        session.Set(Text, "x");
        await session.CommitAsync();
        await session.UpdateAsync(Number, n => n + 1);
        await session.RenewAsync();

        Assert.Equal(expiry, (await _bench.StoredAsync(client.Id!))!.Expiry);
    }

    [Fact]
    public async Task An_atomic_change_takes_the_buffered_expiry_with_it()
    {
        var id = await _bench.SeedAsync();
        var (session, client) = _bench.Request(id);
        session.SetExpiry(SessionExpiry.In(TimeSpan.FromDays(60)));
        await session.UpdateAsync(Number, n => n + 1);

        Assert.Equal(_bench.Now.AddDays(60), (await _bench.StoredAsync(id))!.ExpiresAt);
        Assert.Equal(id, client.Id);
    }

    [Fact]
    public async Task A_cookie_that_only_idleness_ends_is_sent_again_now_and_then()
    {
        var bench = new SessionBench(o => (o.AbsoluteTimeout, o.IsPersistent, o.IdleTimeout) = (null, true, TimeSpan.FromDays(30)));
        var id = await bench.SeedAsync();

        Assert.Null(await ReadAsync(bench, id));
        bench.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(id, await ReadAsync(bench, id));
    }

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    public async Task Any_other_cookie_is_sent_once(bool isPersistent, bool endsForGood, bool canIssue)
    {
        var bench = new SessionBench(
            o => (o.AbsoluteTimeout, o.IsPersistent, o.IdleTimeout) = (endsForGood ? TimeSpan.FromDays(60) : null, isPersistent, TimeSpan.FromDays(30)));
        var id = await bench.SeedAsync();
        bench.Clock.Advance(TimeSpan.FromHours(1));

        Assert.Null(await ReadAsync(bench, id, canIssue));
    }

    [Fact]
    public async Task The_longest_idle_timeout_is_stored_as_it_is()
    {
        var id = await _bench.SeedAsync(expiry: SessionExpiry.Idle(SessionExpiry.Longest));

        Assert.Equal(SessionExpiry.Longest, (await _bench.StoredAsync(id))!.Expiry.IdleTimeout);
    }

    private static async Task<SessionId?> ReadAsync(SessionBench bench, SessionId id, bool canIssue = true)
    {
        var (session, client) = bench.Request(id);
        client.CanIssue = canIssue;
        await session.GetAsync(Number);
        await session.CommitAsync();
        return client.Id;
    }
}
