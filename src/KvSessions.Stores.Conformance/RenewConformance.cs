using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>Renewing: the new session comes and the old one goes, both or neither.</summary>
public abstract class RenewConformance : ConformanceTest
{
    [Fact]
    public async Task The_renewed_session_is_there_and_the_old_one_is_not()
    {
        var old = await CreateAsync(NewRecord() with { CreatedAt = Now - TimeSpan.FromMinutes(3) });
        await Harness.AdvanceAsync(TimeSpan.FromMinutes(2));
        var renewed = Renewal(await LoadLiveAsync(old.Handle), NewSubject()) with { Values = Values(("cart", "pears")) };

        var result = await Store.RenewAsync(old.Handle, renewed);

        await AssertNotThereAsync(old.Handle);
        var now = await LoadLiveAsync(renewed.Handle);
        Assert.Equal(2, now.Version);
        Assert.Equal(renewed.Subject, now.Subject);
        Assert.Equal(renewed.Values, now.Values);
        Assert.Equal(renewed.Expiry, now.Expiry);
        AssertAge(TimeSpan.FromMinutes(5), now.CreatedAt);
        AssertAge(TimeSpan.Zero, now.LastSeenAt);
        Assert.Equal((SaveStatus.Saved, now.Version, now.LastSeenAt, now.Expiry), (result.Status, result.Version, result.LastSeenAt, result.Expiry));
    }

    [Fact]
    public async Task A_renewal_can_bind_a_subject_change_it_and_unbind_it()
    {
        var session = await CreateAsync();
        foreach (var subject in new[] { NewSubject(), NewSubject(), null })
        {
            var renewed = Renewal(session) with { Subject = subject };

            Assert.Equal(SaveStatus.Saved, (await Store.RenewAsync(session.Handle, renewed)).Status);

            session = await LoadLiveAsync(renewed.Handle);
            Assert.Equal(subject, session.Subject);
        }

        Assert.Equal(4, session.Version);
    }

    [Fact]
    public async Task The_renewed_session_is_taken_in_like_a_created_one()
    {
        var old = await CreateAsync();
        var renewed = Renewal(old) with
        {
            CreatedAt = Now + TimeSpan.FromMinutes(5),
            Expiry = new() { IdleTimeout = IdleTimeout, Lifetime = TimeSpan.FromHours(1) },
        };

        await Store.RenewAsync(old.Handle, renewed);

        var now = await LoadLiveAsync(renewed.Handle);
        Assert.Null(now.Expiry.Lifetime);
        AssertAge(TimeSpan.FromHours(-1), now.AbsoluteExpiresAt);
        AssertAge(TimeSpan.Zero, now.CreatedAt);
        AssertAge(TimeSpan.Zero, now.LastSeenAt);
    }

    [Fact]
    public async Task The_renewed_session_can_be_saved_and_renewed_again()
    {
        var old = await CreateAsync();
        var renewed = Renewal(old);
        await Store.RenewAsync(old.Handle, renewed);

        var saved = await SaveAsync(renewed.Handle, new() { ExpectedVersion = 2, Sets = Values(("a", "1")) });
        Assert.Equal(3, saved.Version);

        var again = Renewal(await LoadLiveAsync(renewed.Handle));
        Assert.Equal(SaveStatus.Saved, (await Store.RenewAsync(renewed.Handle, again)).Status);
        Assert.Equal(4, (await LoadLiveAsync(again.Handle)).Version);
    }

    [Fact]
    public async Task The_old_session_stays_dead()
    {
        var old = await CreateAsync(NewSubject());
        var renewed = Renewal(old);
        await Store.RenewAsync(old.Handle, renewed);
        var now = await LoadLiveAsync(renewed.Handle);

        Assert.Equal(SaveResult.Gone, await Store.SaveAsync(old.Handle, Set(("a", "1"))));
        Assert.Equal(SaveResult.Gone, await Store.SaveAsync(old.Handle, SessionChanges.Touch));
        Assert.Equal(SaveResult.Gone, await Store.RenewAsync(old.Handle, Renewal(old)));
        Assert.False(await Store.DeleteAsync(old.Handle), "DeleteAsync said true, but the session had been renewed.");

        await AssertNotThereAsync(old.Handle);
        await AssertUnchangedAsync(now);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_renewal_built_from_another_version_is_a_conflict_and_changes_nothing(int off)
    {
        var old = await CreateAsync(NewSubject());
        await SaveAsync(old.Handle, Set(("slipped in", "yes")));
        var now = await LoadLiveAsync(old.Handle);
        var renewed = Renewal(now) with { Version = now.Version + 1 + off };

        Assert.Equal(SaveResult.Conflict, await Store.RenewAsync(old.Handle, renewed));

        await AssertUnchangedAsync(now);
        await AssertNotThereAsync(renewed.Handle);
    }

    [Fact]
    public async Task A_touch_does_not_stand_in_the_way_of_a_renewal()
    {
        var old = await CreateAsync();
        await Harness.AdvanceAsync(TimeSpan.FromMinutes(5));
        await SaveAsync(old.Handle, SessionChanges.Touch);

        Assert.Equal(SaveStatus.Saved, (await Store.RenewAsync(old.Handle, Renewal(old))).Status);
    }

    [Fact]
    public async Task A_renewal_of_an_unknown_a_deleted_or_an_expired_session_is_gone_and_creates_nothing()
    {
        var unknown = NewRecord();
        var expired = await CreateAsync(expiry: SessionExpiry.Idle(IdleTimeout));
        await Harness.AdvanceAsync(IdleTimeout);
        var deleted = await CreateAsync();
        await Store.DeleteAsync(deleted.Handle);

        foreach (var old in new[] { unknown, deleted, expired })
        {
            var renewed = Renewal(old, NewSubject());

            Assert.Equal(SaveResult.Gone, await Store.RenewAsync(old.Handle, renewed));

            await AssertNotThereAsync(old.Handle);
            await AssertNotThereAsync(renewed.Handle);
            Assert.True(await Store.CreateAsync(NewRecord() with { Handle = renewed.Handle }), "A renewal that was gone left something behind.");
        }
    }

    [Fact]
    public async Task A_renewal_into_a_handle_that_is_taken_is_a_conflict_and_harms_nobody()
    {
        var old = await CreateAsync(NewSubject());
        var other = await CreateAsync(NewSubject());

        Assert.Equal(SaveResult.Conflict, await Store.RenewAsync(old.Handle, Renewal(old) with { Handle = other.Handle }));

        await AssertUnchangedAsync(old);
        await AssertUnchangedAsync(other);
    }

    [Fact]
    public async Task A_renewal_of_a_session_that_is_not_there_is_gone_even_into_a_handle_that_is_taken()
    {
        var taken = await CreateAsync();
        var expired = await CreateAsync(expiry: SessionExpiry.Idle(TimeSpan.FromMinutes(1)));
        await Harness.AdvanceAsync(TimeSpan.FromMinutes(2));
        var before = await LoadLiveAsync(taken.Handle);

        foreach (var old in new[] { NewRecord(), expired })
        {
            Assert.Equal(SaveResult.Gone, await Store.RenewAsync(old.Handle, Renewal(old) with { Handle = taken.Handle }));
        }

        await AssertUnchangedAsync(before);
    }

    [Fact]
    public async Task A_renewal_into_its_own_handle_is_a_conflict_and_changes_nothing()
    {
        var old = await CreateAsync();

        Assert.Equal(SaveResult.Conflict, await Store.RenewAsync(old.Handle, Renewal(old) with { Handle = old.Handle }));

        await AssertUnchangedAsync(old);
    }

    [Fact]
    public async Task A_renewal_leaves_other_sessions_alone()
    {
        var subject = NewSubject();
        var other = await CreateAsync(subject);
        var old = await CreateAsync(subject);

        await Store.RenewAsync(old.Handle, Renewal(old));

        await AssertUnchangedAsync(other);
    }

    [Fact]
    public async Task A_renewal_into_the_handle_of_an_expired_session_never_brings_that_back()
    {
        var dead = await CreateAsync(values: Values(("old", "1")));
        await Harness.AdvanceAsync(Lifetime);
        var old = await CreateAsync();

        var result = await Store.RenewAsync(old.Handle, Renewal(old) with { Handle = dead.Handle });

        Assert.Contains(result.Status, Store is IExpiredSessionStore ? [SaveStatus.Conflict] : new[] { SaveStatus.Conflict, SaveStatus.Saved });
        Assert.Equal(result.Status == SaveStatus.Saved ? old.Values : null, (await Store.LoadAsync(dead.Handle))?.Values);
        Assert.Equal(result.Status == SaveStatus.Conflict, await Store.LoadAsync(old.Handle) is not null);
    }
}
