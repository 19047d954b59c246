using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>
/// Corruption: what cannot be read is an error and no absence, and is never overwritten; but it can be ended. For harnesses that can damage
/// a session.
/// </summary>
public abstract class CorruptionConformance : ConformanceTest
{
    [Fact]
    public async Task A_session_that_cannot_be_read_is_an_error_and_harms_no_other()
    {
        var (damaged, other) = (await CreateAsync(), await CreateAsync());
        await Harness.DamageAsync(damaged.Handle);

        await AssertCorruptAsync(async () => await Store.LoadAsync(damaged.Handle));

        await AssertUnchangedAsync(other);
        await SaveAsync(other.Handle, Set(("a", "1")));
        await CreateAsync();
    }

    [Fact]
    public async Task A_session_that_cannot_be_read_is_never_overwritten()
    {
        var session = await CreateAsync(NewSubject());
        await Harness.DamageAsync(session.Handle);

        await AssertCorruptAsync(async () => await Store.SaveAsync(session.Handle, Set(("a", "1"))));
        await AssertCorruptAsync(async () => await Store.SaveAsync(session.Handle, new() { Clears = true, Sets = Values(("a", "1")) }));
        await AssertCorruptAsync(async () => await Store.SaveAsync(session.Handle, Remove("cart")));
        await AssertCorruptAsync(async () => await Store.SaveAsync(session.Handle, new() { Expiry = SessionExpiry.In(TimeSpan.FromHours(1)) }));
        await AssertNotCreatedAsync(NewRecord() with { Handle = session.Handle });

        await Harness.RepairAsync(session.Handle);
        await AssertUnchangedAsync(session);
    }

    [Fact]
    public async Task Nothing_is_renewed_into_a_session_that_cannot_be_read()
    {
        var (damaged, old) = (await CreateAsync(), await CreateAsync());
        await Harness.DamageAsync(damaged.Handle);

        try
        {
            Assert.Equal(SaveResult.Conflict, await Store.RenewAsync(old.Handle, Renewal(old) with { Handle = damaged.Handle }));
        }
        catch (SessionStoreException fault)
        {
            Assert.Equal(SessionStoreError.Corrupt, fault.Error);
        }

        await AssertUnchangedAsync(old);
        await Harness.RepairAsync(damaged.Handle);
        await AssertUnchangedAsync(damaged);
    }

    [Fact]
    public async Task A_session_that_cannot_be_read_can_be_ended()
    {
        var session = await CreateAsync(NewSubject());
        await Harness.DamageAsync(session.Handle);

        Assert.True(await Store.DeleteAsync(session.Handle), "DeleteAsync said false, but there was a session, if one that cannot be read.");

        await AssertNotThereAsync(session.Handle);
        Assert.Equal(SaveResult.Gone, await Store.SaveAsync(session.Handle, Set(("a", "1"))));
    }

    [Fact]
    public async Task Ending_the_sessions_of_a_subject_ends_those_that_cannot_be_read()
    {
        if (Store is not ISubjectSessionStore subjects)
        {
            return;
        }

        var subject = NewSubject();
        var (damaged, readable, other) = (await CreateAsync(subject), await CreateAsync(subject), await CreateAsync(NewSubject()));
        await Harness.DamageAsync(damaged.Handle);

        var ended = await subjects.DeleteBySubjectAsync(subject);

        Assert.Equal(new[] { damaged.Handle, readable.Handle }.Order(), ended.Order());
        await AssertNotThereAsync(damaged.Handle);
        await AssertNotThereAsync(readable.Handle);
        await AssertUnchangedAsync(other);
    }

    [Fact]
    public async Task A_list_of_the_sessions_of_a_subject_never_leaves_out_one_that_cannot_be_read()
    {
        if (Store is not ISubjectSessionStore subjects)
        {
            return;
        }

        var (damaged, other) = (await CreateAsync(NewSubject()), await CreateAsync(NewSubject()));
        await Harness.DamageAsync(damaged.Handle);

        await AssertCorruptAsync(async () => await subjects.FindBySubjectAsync(damaged.Subject!, 10));

        Assert.Equal(other, Assert.Single((await subjects.FindBySubjectAsync(other.Subject!, 10)).Records));
    }

    [Fact]
    public async Task A_session_that_cannot_be_read_counts_for_the_limit()
    {
        if (Store is not ISubjectLimitStore limits)
        {
            return;
        }

        var damaged = await CreateAsync(NewSubject());
        await Harness.DamageAsync(damaged.Handle);
        var record = NewRecord(damaged.Subject);

        var refused = await limits.AdmitAsync(null, record, new(1, SubjectLimitRule.RefuseNewest));
        Assert.True(refused.IsRefused, "A second session was admitted, as if the one that cannot be read were not there.");

        var admitted = await limits.AdmitAsync(null, record, new(1, SubjectLimitRule.EvictOldest));
        Assert.Equal([damaged.Handle], admitted.Evicted);
        await AssertNotThereAsync(damaged.Handle);
    }

    [Fact]
    public async Task A_session_that_cannot_be_read_does_not_stop_a_sweep()
    {
        if (Store is not IExpiredSessionStore expired)
        {
            return;
        }

        var (damaged, readable) = (await CreateAsync(), await CreateAsync());
        await Harness.DamageAsync(damaged.Handle);
        await Harness.AdvanceAsync(Lifetime);

        // Whether it goes too is a matter of what the store can still read of it.
        Assert.InRange(await expired.DeleteExpiredAsync(10), 1, 2);
        Assert.Equal(0, await expired.DeleteExpiredAsync(10));
        Assert.True(await Store.CreateAsync(NewRecord() with { Handle = readable.Handle }), "A session that had expired was not swept.");
    }

    // The handle is taken, whether or not the store looks at what is there.
    private async Task AssertNotCreatedAsync(SessionRecord record)
    {
        try
        {
            Assert.False(await Store.CreateAsync(record), "CreateAsync said true, but there was a session, if one that cannot be read.");
        }
        catch (SessionStoreException fault)
        {
            Assert.Equal(SessionStoreError.Corrupt, fault.Error);
        }
    }

    private static async Task AssertCorruptAsync(Func<Task> call) =>
        Assert.Equal(SessionStoreError.Corrupt, (await Assert.ThrowsAsync<SessionStoreException>(call)).Error);
}
