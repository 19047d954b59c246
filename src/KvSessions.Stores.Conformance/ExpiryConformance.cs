using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>Expiry: checked on every call, to the resolution of the clock that decides, swept or not.</summary>
public abstract class ExpiryConformance : ConformanceTest
{
    [Fact]
    public Task An_idle_session_ends_at_its_moment_and_not_before() => EndsAfterAsync(SessionExpiry.Idle(IdleTimeout), IdleTimeout);

    [Fact]
    public Task A_session_with_a_lifetime_ends_at_its_moment_and_not_before() => EndsAfterAsync(SessionExpiry.In(Lifetime), Lifetime);

    [Fact]
    public Task A_session_with_a_fixed_end_ends_at_its_moment_and_not_before() =>
        EndsAfterAsync(SessionExpiry.At(Now + Lifetime), Lifetime);

    [Fact]
    public Task The_idle_timeout_ends_a_session_before_its_lifetime() =>
        EndsAfterAsync(new() { IdleTimeout = IdleTimeout, Lifetime = Lifetime }, IdleTimeout);

    [Fact]
    public Task The_lifetime_ends_a_session_before_its_idle_timeout() =>
        EndsAfterAsync(new() { IdleTimeout = Lifetime, Lifetime = IdleTimeout }, IdleTimeout);

    [Fact]
    public Task The_earlier_of_a_lifetime_and_a_fixed_end_decides() =>
        EndsAfterAsync(new() { Lifetime = Lifetime, AbsoluteExpiresAt = Now + IdleTimeout }, IdleTimeout);

    [Fact]
    public async Task An_expired_session_is_gone_for_every_call()
    {
        var session = await CreateAsync(NewSubject());
        var renewed = Renewal(session);
        await Harness.AdvanceAsync(IdleTimeout);

        await AssertNotThereAsync(session.Handle);
        Assert.Equal(SaveResult.Gone, await Store.SaveAsync(session.Handle, Set(("a", "1"))));
        Assert.Equal(SaveResult.Gone, await Store.SaveAsync(session.Handle, new() { ExpectedVersion = session.Version + 9, Clears = true }));
        Assert.Equal(SaveResult.Gone, await Store.SaveAsync(session.Handle, new() { Expiry = SessionExpiry.In(Lifetime) }));
        Assert.Equal(SaveResult.Gone, await Store.SaveAsync(session.Handle, SessionChanges.Touch));
        Assert.Equal(SaveResult.Gone, await Store.RenewAsync(session.Handle, renewed));
        Assert.False(await Store.DeleteAsync(session.Handle), "DeleteAsync said true, but the session had expired.");
        await AssertNotThereAsync(session.Handle);
        await AssertNotThereAsync(renewed.Handle);
    }

    [Fact]
    public async Task A_save_keeps_a_session_alive_as_a_touch_does()
    {
        var session = await CreateAsync(expiry: SessionExpiry.Idle(IdleTimeout));
        await Harness.AdvanceAsync(IdleTimeout - Edge);
        await SaveAsync(session.Handle, Set(("a", "1")));

        await Harness.AdvanceAsync(IdleTimeout - Edge);
        await LoadLiveAsync(session.Handle);

        await Harness.AdvanceAsync(Edge);
        await AssertNotThereAsync(session.Handle);
    }

    [Fact]
    public async Task A_lifetime_counts_from_when_the_store_takes_the_session_in()
    {
        var record = NewRecord(expiry: SessionExpiry.In(Lifetime)) with { CreatedAt = Now - TimeSpan.FromHours(1) };
        await Harness.AdvanceAsync(TimeSpan.FromMinutes(30));

        var created = await CreateAsync(record);

        Assert.Null(created.Expiry.Lifetime);
        AssertAge(-Lifetime, created.AbsoluteExpiresAt);
        AssertAge(-Lifetime, created.ExpiresAt);
    }

    [Fact]
    public async Task A_save_can_give_a_session_another_expiry_which_counts_from_that_save()
    {
        var session = await CreateAsync();
        await Harness.AdvanceAsync(TimeSpan.FromMinutes(10));
        var remembered = new SessionExpiry { IdleTimeout = TimeSpan.FromDays(7), Lifetime = TimeSpan.FromDays(30), IsPersistent = true };

        var result = await SaveAsync(session.Handle, new() { Expiry = remembered });

        var now = await LoadLiveAsync(session.Handle);
        Assert.Equal(now.Expiry, result.Expiry);
        Assert.Null(now.Expiry.Lifetime);
        Assert.Equal(TimeSpan.FromDays(7), now.Expiry.IdleTimeout);
        Assert.True(now.Expiry.IsPersistent, "The new expiry is persistent, but what is stored is not.");
        AssertAge(TimeSpan.FromDays(-30), now.AbsoluteExpiresAt);
        Assert.Equal(session.Values, now.Values);

        await SaveAsync(session.Handle, Set(("a", "1")));
        Assert.Equal(now.Expiry, (await LoadLiveAsync(session.Handle)).Expiry);
        await Harness.AdvanceAsync(TimeSpan.FromDays(7) - Edge);
        await LoadLiveAsync(session.Handle);
        await Harness.AdvanceAsync(Edge);
        await AssertNotThereAsync(session.Handle);
    }

    [Fact]
    public async Task A_save_can_shorten_a_session()
    {
        var session = await CreateAsync();

        await SaveAsync(session.Handle, new() { Expiry = SessionExpiry.In(TimeSpan.FromMinutes(2)), Sets = Values(("a", "1")) });

        var now = await LoadLiveAsync(session.Handle);
        Assert.Null(now.Expiry.IdleTimeout);
        AssertAge(TimeSpan.FromMinutes(-2), now.ExpiresAt);
        await Harness.AdvanceAsync(TimeSpan.FromMinutes(2));
        await AssertNotThereAsync(session.Handle);
    }

    [Fact]
    public async Task A_save_can_take_the_absolute_expiry_away()
    {
        var session = await CreateAsync(expiry: SessionExpiry.In(IdleTimeout));

        await SaveAsync(session.Handle, new() { Expiry = SessionExpiry.Idle(Lifetime) });

        Assert.Null((await LoadLiveAsync(session.Handle)).AbsoluteExpiresAt);
        await Harness.AdvanceAsync(IdleTimeout + Edge);
        await LoadLiveAsync(session.Handle);
    }

    [Fact]
    public async Task A_session_that_is_given_an_end_in_the_past_is_over()
    {
        var session = await CreateAsync();

        await SaveAsync(session.Handle, new() { Expiry = SessionExpiry.At(Now - TimeSpan.FromMinutes(1)) });

        await AssertNotThereAsync(session.Handle);
        Assert.Equal(SaveResult.Gone, await Store.SaveAsync(session.Handle, SessionChanges.Touch));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whether_the_cookie_is_persistent_survives_every_step(bool persistent)
    {
        var session = await CreateAsync(expiry: new() { IdleTimeout = IdleTimeout, IsPersistent = persistent });
        Assert.Equal(persistent, session.Expiry.IsPersistent);

        await SaveAsync(session.Handle, Set(("a", "1")));
        await SaveAsync(session.Handle, SessionChanges.Touch);
        var saved = await LoadLiveAsync(session.Handle);
        Assert.Equal(persistent, saved.Expiry.IsPersistent);

        var renewed = Renewal(saved);
        await Store.RenewAsync(saved.Handle, renewed);
        Assert.Equal(persistent, (await LoadLiveAsync(renewed.Handle)).Expiry.IsPersistent);
    }

    [Fact]
    public async Task One_session_ends_and_the_other_lives_on()
    {
        var brief = await CreateAsync(expiry: SessionExpiry.Idle(TimeSpan.FromMinutes(1)));
        var lasting = await CreateAsync(expiry: SessionExpiry.Idle(TimeSpan.FromMinutes(3)));
        await Harness.AdvanceAsync(TimeSpan.FromMinutes(2));

        await AssertNotThereAsync(brief.Handle);
        await LoadLiveAsync(lasting.Handle);
    }

    private async Task EndsAfterAsync(SessionExpiry expiry, TimeSpan life)
    {
        var session = await CreateAsync(expiry: expiry);

        await Harness.AdvanceAsync(life - Edge);
        await LoadLiveAsync(session.Handle);

        await Harness.AdvanceAsync(Edge);
        await AssertNotThereAsync(session.Handle);
    }
}
