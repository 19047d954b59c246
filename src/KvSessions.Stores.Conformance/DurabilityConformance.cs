using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>Durability: what was acknowledged is there after a restart. For harnesses that reopen their store.</summary>
public abstract class DurabilityConformance : ConformanceTest
{
    [Fact]
    public async Task A_session_survives_a_restart_to_the_last_detail()
    {
        var session = await CreateAsync(NewSubject(), new() { IdleTimeout = IdleTimeout, Lifetime = Lifetime, IsPersistent = true });
        await SaveAsync(session.Handle, new() { Sets = SessionValues.From([new("bytes", new byte[] { 0, 1, 255 })]) });
        var before = await LoadLiveAsync(session.Handle);

        await Harness.ReopenAsync();

        await AssertUnchangedAsync(before);
    }

    [Fact]
    public async Task Every_acknowledged_change_survives_a_restart()
    {
        var (deleted, saved, old) = (await CreateAsync(), await CreateAsync(), await CreateAsync());
        var renewed = Renewal(old, NewSubject());
        await Store.DeleteAsync(deleted.Handle);
        await SaveAsync(saved.Handle, Set(("a", "1")));
        await Store.RenewAsync(old.Handle, renewed);

        await Harness.ReopenAsync();

        await AssertNotThereAsync(deleted.Handle);
        await AssertNotThereAsync(old.Handle);
        Assert.Equal(Bytes("1").ToArray(), (await LoadLiveAsync(saved.Handle)).Values["a"].ToArray());
        Assert.Equal(renewed.Subject, (await LoadLiveAsync(renewed.Handle)).Subject);
    }

    [Fact]
    public async Task Sessions_can_be_saved_and_created_after_a_restart()
    {
        var session = await CreateAsync();
        await Harness.ReopenAsync();

        var result = await SaveAsync(session.Handle, new() { ExpectedVersion = session.Version, Sets = Values(("a", "1")) });

        Assert.Equal(session.Version + 1, result.Version);
        Assert.False(
            await Store.CreateAsync(NewRecord() with { Handle = session.Handle }),
            "CreateAsync said true, but before the restart there was a session under this handle.");
        await CreateAsync();
    }

    [Fact]
    public async Task Sessions_expire_across_a_restart()
    {
        var session = await CreateAsync();
        await Harness.ReopenAsync();
        await Harness.AdvanceAsync(IdleTimeout);

        await AssertNotThereAsync(session.Handle);
    }

    [Fact]
    public async Task A_touch_and_a_new_expiry_survive_a_restart()
    {
        var (touched, remembered) = (await CreateAsync(), await CreateAsync());
        await Harness.AdvanceAsync(IdleTimeout / 2);
        await SaveAsync(touched.Handle, SessionChanges.Touch);
        await SaveAsync(remembered.Handle, new() { Expiry = SessionExpiry.In(TimeSpan.FromDays(30)).Persistent() });
        var before = await LoadLiveAsync(remembered.Handle);

        await Harness.ReopenAsync();

        await AssertUnchangedAsync(before);
        await Harness.AdvanceAsync(IdleTimeout / 2);
        await LoadLiveAsync(touched.Handle);
    }

    [Fact]
    public async Task The_sessions_of_a_subject_are_found_counted_and_ended_after_a_restart()
    {
        var subject = NewSubject();
        var (created, old, deleted) = (await CreateAsync(subject), await CreateAsync(), await CreateAsync(subject));
        var renewed = Renewal(old, subject);
        await Store.RenewAsync(old.Handle, renewed);
        await Store.DeleteAsync(deleted.Handle);
        SessionHandle[] both = [created.Handle, renewed.Handle];

        await Harness.ReopenAsync();

        if (Store is ISubjectSessionStore subjects)
        {
            var page = await subjects.FindBySubjectAsync(subject, 10);
            Assert.Equal(both.Order(), page.Records.Select(static record => record.Handle).Order());
        }

        if (Store is ISubjectLimitStore limits)
        {
            var admitted = await limits.AdmitAsync(null, NewRecord(subject), new(2, SubjectLimitRule.RefuseNewest));
            Assert.True(admitted.IsRefused, "After the restart the subject's two sessions did not count.");
        }

        if (Store is ISubjectSessionStore revoking)
        {
            Assert.Equal(both.Order(), (await revoking.DeleteBySubjectAsync(subject)).Order());
            await AssertNotThereAsync(created.Handle);
            await AssertNotThereAsync(renewed.Handle);
        }
    }

    [Fact]
    public async Task Paging_goes_on_after_a_restart()
    {
        if (Store is not ISubjectSessionStore before)
        {
            return;
        }

        var subject = NewSubject();
        var sessions = new[] { await CreateAsync(subject), await CreateAsync(subject), await CreateAsync(subject) };
        var first = await before.FindBySubjectAsync(subject, 2);

        await Harness.ReopenAsync();

        var second = await ((ISubjectSessionStore)Store).FindBySubjectAsync(subject, 2, first.Continuation);
        Assert.Equal(
            sessions.Select(static record => record.Handle).Order(),
            first.Records.Concat(second.Records).Select(static record => record.Handle).Order());
    }

    [Fact]
    public async Task What_expires_across_a_restart_is_swept()
    {
        if (Store is not IExpiredSessionStore)
        {
            return;
        }

        await CreateAsync(expiry: SessionExpiry.Idle(TimeSpan.FromMinutes(1)));
        await CreateAsync(NewSubject(), SessionExpiry.Idle(TimeSpan.FromMinutes(1)));
        var lives = await CreateAsync();
        await Harness.ReopenAsync();
        await Harness.AdvanceAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(2, await ((IExpiredSessionStore)Store).DeleteExpiredAsync(10));
        await LoadLiveAsync(lives.Handle);
    }
}
