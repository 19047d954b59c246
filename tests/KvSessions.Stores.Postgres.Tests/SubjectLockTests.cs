using Dapper;

namespace KvSessions.Stores.Postgres.Tests;

public sealed class SubjectLockTests
{
    [Fact]
    public async Task A_session_that_is_created_while_the_sessions_of_its_subject_are_counted_comes_after()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = await schema.NewMigratedStoreAsync();
        var (first, created) = (schema.NewRecord("ada"), schema.NewRecord("ada"));
        await store.CreateAsync(first);
        await using var other = await schema.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await other.ExecuteAsync($"SELECT FROM {schema.Table} FOR UPDATE");

        // Stops at the row that is locked, with the others in its count that were there when it began.
        var admission = store.AdmitAsync(null, schema.NewRecord("ada"), new SubjectLimit(2, SubjectLimitRule.RefuseNewest)).AsTask();
        await schema.WaitForLocksAsync(1);
        var creation = store.CreateAsync(created).AsTask();
        await schema.WaitForLocksAsync(2);
        Assert.Null(await store.LoadAsync(created.Handle));
        await transaction.RollbackAsync();

        Assert.Equal(SaveStatus.Saved, (await admission).Save.Status);
        Assert.True(await creation);
        Assert.NotNull(await store.LoadAsync(created.Handle));
    }
}
