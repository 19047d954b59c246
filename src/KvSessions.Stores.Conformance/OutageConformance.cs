using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>Outage: a store that fails says so, never that a session is absent. For harnesses that can break their store.</summary>
public abstract class OutageConformance : ConformanceTest
{
    [Fact]
    public async Task A_read_of_a_broken_store_fails_and_changes_nothing()
    {
        var session = await CreateAsync(NewSubject());
        await Harness.BreakAsync();

        await AssertFailsAsync(async () => await Store.LoadAsync(session.Handle), isWrite: false);
        await AssertFailsAsync(async () => await Store.LoadAsync(NewHandle()), isWrite: false);
        if (Store is ISubjectSessionStore subjects)
        {
            await AssertFailsAsync(async () => await subjects.FindBySubjectAsync(session.Subject!, 10), isWrite: false);
        }

        await Harness.MendAsync();
        await AssertUnchangedAsync(session);
    }

    [Fact]
    public async Task A_write_to_a_broken_store_fails()
    {
        var session = await CreateAsync(NewSubject());
        await Harness.BreakAsync();

        await AssertFailsAsync(async () => await Store.CreateAsync(NewRecord()), isWrite: true);
        await AssertFailsAsync(async () => await Store.SaveAsync(session.Handle, Set(("a", "1"))), isWrite: true);
        await AssertFailsAsync(async () => await Store.SaveAsync(session.Handle, SessionChanges.Touch), isWrite: true);
        await AssertFailsAsync(async () => await Store.RenewAsync(session.Handle, Renewal(session)), isWrite: true);
        await AssertFailsAsync(async () => await Store.DeleteAsync(session.Handle), isWrite: true);
        if (Store is ISubjectSessionStore subjects)
        {
            await AssertFailsAsync(async () => await subjects.DeleteBySubjectAsync(session.Subject!), isWrite: true);
        }

        if (Store is ISubjectLimitStore limits)
        {
            var one = new SubjectLimit(1, SubjectLimitRule.EvictOldest);
            await AssertFailsAsync(async () => await limits.AdmitAsync(null, NewRecord(NewSubject()), one), isWrite: true);
        }

        if (Store is IExpiredSessionStore expired)
        {
            await AssertFailsAsync(async () => await expired.DeleteExpiredAsync(10), isWrite: true);
        }

        await Harness.MendAsync();
    }

    [Fact]
    public async Task What_a_broken_store_may_think_it_knows_fails_too()
    {
        await CreateAsync(NewSubject());
        await Harness.BreakAsync();

        if (Store is ISubjectSessionStore subjects)
        {
            await AssertFailsAsync(async () => await subjects.FindBySubjectAsync(NewSubject(), 10), isWrite: false);
            await AssertFailsAsync(async () => await subjects.DeleteBySubjectAsync(NewSubject()), isWrite: true);
        }

        if (Store is IExpiredSessionStore expired)
        {
            await AssertFailsAsync(async () => await expired.DeleteExpiredAsync(10), isWrite: true);
        }

        await AssertFailsAsync(async () => await Store.DeleteAsync(NewHandle()), isWrite: true);
        await AssertFailsAsync(async () => await Store.SaveAsync(NewHandle(), SessionChanges.Touch), isWrite: true);
        await AssertFailsAsync(async () => await Store.RenewAsync(NewHandle(), NewRecord()), isWrite: true);
        await Harness.MendAsync();
    }

    [Fact]
    public async Task A_write_that_failed_without_doubt_has_changed_nothing()
    {
        var session = await CreateAsync(NewSubject());
        await Harness.BreakAsync();
        var fault = await AssertFailsAsync(async () => await Store.SaveAsync(session.Handle, Set(("a", "1"))), isWrite: true);
        await Harness.MendAsync();

        var now = await LoadLiveAsync(session.Handle);

        Assert.True(
            now.Equals(session) || fault.Error == SessionStoreError.UnknownOutcome,
            $"A save that failed as {fault.Error} was applied all the same.");
    }

    [Fact]
    public async Task A_creation_a_deletion_and_a_renewal_that_failed_without_doubt_have_changed_nothing()
    {
        var (kept, old) = (await CreateAsync(NewSubject()), await CreateAsync());
        var (record, renewed) = (NewRecord(), Renewal(old, NewSubject()));
        await Harness.BreakAsync();
        var creation = await AssertFailsAsync(async () => await Store.CreateAsync(record), isWrite: true);
        var deletion = await AssertFailsAsync(async () => await Store.DeleteAsync(kept.Handle), isWrite: true);
        var renewal = await AssertFailsAsync(async () => await Store.RenewAsync(old.Handle, renewed), isWrite: true);
        await Harness.MendAsync();

        if (creation.Error == SessionStoreError.Unavailable)
        {
            await AssertNotThereAsync(record.Handle);
        }

        if (deletion.Error == SessionStoreError.Unavailable)
        {
            await AssertUnchangedAsync(kept);
        }

        var isRenewed = await Store.LoadAsync(renewed.Handle) is not null;
        Assert.Equal(isRenewed, await Store.LoadAsync(old.Handle) is null);
        Assert.False(isRenewed && renewal.Error == SessionStoreError.Unavailable, "A renewal that failed as Unavailable was applied all the same.");
    }

    [Fact]
    public async Task A_store_that_is_mended_works_again_by_itself()
    {
        var session = await CreateAsync();
        await Harness.BreakAsync();
        await AssertFailsAsync(async () => await Store.LoadAsync(session.Handle), isWrite: false);
        await Harness.MendAsync();

        await SaveAsync(session.Handle, Set(("a", "1")));
        await CreateAsync(NewSubject());
    }

    private static async Task<SessionStoreException> AssertFailsAsync(Func<Task> call, bool isWrite)
    {
        var fault = await Assert.ThrowsAsync<SessionStoreException>(call);
        Assert.Contains(
            fault.Error,
            isWrite
                ? new[] { SessionStoreError.Unavailable, SessionStoreError.UnknownOutcome }
                : new[] { SessionStoreError.Unavailable, SessionStoreError.TimedOut });
        return fault;
    }
}
