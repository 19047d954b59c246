using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>Cancelling: a call whose token is cancelled before it begins throws and changes nothing.</summary>
public abstract class CancellationConformance : ConformanceTest
{
    private static readonly CancellationToken Cancelled = new(canceled: true);

    [Fact]
    public async Task A_cancelled_load_throws()
    {
        var session = await CreateAsync();

        await AssertCancelledAsync(async () => await Store.LoadAsync(session.Handle, Cancelled));
    }

    [Fact]
    public async Task A_cancelled_creation_creates_nothing()
    {
        var record = NewRecord();

        await AssertCancelledAsync(async () => await Store.CreateAsync(record, Cancelled));

        await AssertNotThereAsync(record.Handle);
    }

    [Fact]
    public async Task A_cancelled_save_changes_nothing()
    {
        var session = await CreateAsync();

        await AssertCancelledAsync(async () => await Store.SaveAsync(session.Handle, Set(("a", "1")), Cancelled));

        await AssertUnchangedAsync(session);
    }

    [Fact]
    public async Task A_cancelled_deletion_ends_nothing()
    {
        var session = await CreateAsync();

        await AssertCancelledAsync(async () => await Store.DeleteAsync(session.Handle, Cancelled));

        await AssertUnchangedAsync(session);
    }

    [Fact]
    public async Task A_cancelled_renewal_changes_nothing()
    {
        var session = await CreateAsync();
        var renewed = Renewal(session);

        await AssertCancelledAsync(async () => await Store.RenewAsync(session.Handle, renewed, Cancelled));

        await AssertUnchangedAsync(session);
        await AssertNotThereAsync(renewed.Handle);
    }

    [Fact]
    public async Task Every_cancelled_call_of_the_capabilities_that_the_store_has_changes_nothing()
    {
        var subject = NewSubject();
        var session = await CreateAsync(subject);
        var record = NewRecord(subject);

        if (Store is ISubjectSessionStore subjects)
        {
            await AssertCancelledAsync(async () => await subjects.FindBySubjectAsync(subject, 10, ct: Cancelled));
            await AssertCancelledAsync(async () => await subjects.DeleteBySubjectAsync(subject, ct: Cancelled));
        }

        if (Store is ISubjectLimitStore limits)
        {
            var one = new SubjectLimit(1, SubjectLimitRule.EvictOldest);
            await AssertCancelledAsync(async () => await limits.AdmitAsync(null, record, one, Cancelled));
        }

        if (Store is IExpiredSessionStore expired)
        {
            await AssertCancelledAsync(async () => await expired.DeleteExpiredAsync(10, Cancelled));
        }

        await AssertUnchangedAsync(session);
        await AssertNotThereAsync(record.Handle);
    }

    private static async Task AssertCancelledAsync(Func<Task> call) => await Assert.ThrowsAnyAsync<OperationCanceledException>(call);
}
