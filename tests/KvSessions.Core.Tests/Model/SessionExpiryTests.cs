namespace KvSessions.Core.Tests.Model;

public sealed class SessionExpiryTests
{
    private static readonly DateTimeOffset T0 = Records.T0;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void A_lifetime_becomes_a_moment_counted_from_now()
    {
        var resolved = SessionExpiry.In(Hour).ResolveAt(T0);

        Assert.Null(resolved.Lifetime);
        Assert.Equal(T0 + Hour, resolved.AbsoluteExpiresAt);
    }

    [Fact]
    public void Of_a_lifetime_and_a_moment_the_earlier_ends_the_session()
    {
        var both = SessionExpiry.In(Hour) with { AbsoluteExpiresAt = T0 + 2 * Hour };

        Assert.Equal(T0 + Hour, both.ResolveAt(T0).AbsoluteExpiresAt);
        Assert.Equal(T0 + 2 * Hour, both.ResolveAt(T0 + 1.5 * Hour).AbsoluteExpiresAt);
    }

    [Fact]
    public void Resolving_again_later_changes_nothing()
    {
        var resolved = new SessionExpiry { IdleTimeout = Hour, Lifetime = 3 * Hour, IsPersistent = true }.ResolveAt(T0);

        Assert.Equal(resolved, resolved.ResolveAt(T0 + 2 * Hour));
        Assert.Equal(Hour, resolved.IdleTimeout);
        Assert.True(resolved.IsPersistent);
    }

    [Fact]
    public void An_expiry_without_a_lifetime_is_resolved_already()
    {
        var expiry = SessionExpiry.Idle(Hour);

        Assert.Equal(expiry, expiry.ResolveAt(T0));
        Assert.Equal(T0, SessionExpiry.At(T0).ResolveAt(T0 + Hour).AbsoluteExpiresAt);
    }

    [Fact]
    public void Idle_timeout_and_lifetime_are_more_than_zero_and_at_most_3650_days()
    {
        TimeSpan[] outside = [TimeSpan.Zero, -Records.Tick, TimeSpan.MinValue, SessionExpiry.Longest + Records.Tick, TimeSpan.MaxValue];
        TimeSpan[] inside = [Records.Tick, SessionExpiry.Longest];

        Assert.Equal(TimeSpan.FromDays(3650), SessionExpiry.Longest);
        Assert.All(outside, span => Assert.Throws<ArgumentOutOfRangeException>("IdleTimeout", () => SessionExpiry.Idle(span)));
        Assert.All(outside, span => Assert.Throws<ArgumentOutOfRangeException>("Lifetime", () => SessionExpiry.In(span)));
        Assert.All(inside, span => Assert.Equal(span, SessionExpiry.Idle(span).IdleTimeout));
        Assert.All(inside, span => Assert.Equal(span, SessionExpiry.In(span).Lifetime));
    }

    [Fact]
    public void Persistence_changes_no_limit()
    {
        var persistent = SessionExpiry.Idle(Hour).Persistent();

        Assert.True(persistent.IsPersistent);
        Assert.Equal(SessionExpiry.Idle(Hour), persistent with { IsPersistent = false });
        Assert.False(SessionExpiry.In(Hour).IsPersistent);
    }

    [Fact]
    public void An_expiry_that_never_ends_is_refused()
    {
        var (session, client) = new SessionBench().Request();

        Assert.Throws<ArgumentException>("expiry", () => session.SetExpiry(new SessionExpiry()));
        Assert.Throws<ArgumentException>("expiry", () => session.SetExpiry(new SessionExpiry { IsPersistent = true }));
        Assert.Equal(0, client.Changes);
    }

    [Fact]
    public async Task Signing_in_with_an_expiry_that_never_ends_is_refused_before_the_store_is_asked()
    {
        var bench = new SessionBench();

        await Assert.ThrowsAsync<ArgumentException>("expiry", async () => await bench.Open().SignInAsync("ann", new SessionExpiry()));
        Assert.Empty(bench.Store.Calls);
    }
}
