using Dapper;

namespace KvSessions.Stores.Sqlite.Tests;

public sealed class GroupCommitTests : IAsyncDisposable
{
    private readonly StoreFile _file = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    [Fact]
    public async Task Writes_that_wait_at_one_moment_share_a_transaction()
    {
        var store = await _file.NewMigratedStoreAsync();
        var records = Enumerable.Range(0, 200).Select(_ => _file.NewRecord()).ToList();
        Task<bool>[] creations;
        using (_file.HoldWriteLock())
        {
            creations = [.. records.Select(record => store.CreateAsync(record).AsTask())];
        }

        Assert.All(await Task.WhenAll(creations), Assert.True);
        Assert.InRange(store.Commits, 1, 2);
    }

    [Fact]
    public async Task Nothing_is_acknowledged_before_it_is_committed()
    {
        var store = await _file.NewMigratedStoreAsync();
        var record = _file.NewRecord();
        await store.CreateAsync(record);
        await AddDeferredFailureAsync();

        // Applies without fault, and fails when the transaction is committed.
        var save = await Assert.ThrowsAsync<SessionStoreException>(
            async () => await store.SaveAsync(record.Handle, new SessionChanges { Sets = StoreFile.Set(("cart", "poison")) }));

        Assert.Equal(SessionStoreError.Unavailable, save.Error);
        Assert.Equal(1, (await store.LoadAsync(record.Handle))!.Version);
    }

    [Fact]
    public async Task A_transaction_that_cannot_be_committed_fails_all_that_share_it_and_none_after_it()
    {
        var store = await _file.NewMigratedStoreAsync();
        var (gone, saved) = (_file.NewRecord(), _file.NewRecord());
        await store.CreateAsync(gone);
        await store.CreateAsync(saved);
        await AddDeferredFailureAsync();
        Task<bool> deletion;
        Task<SaveResult> late, poison;
        using (_file.HoldWriteLock())
        {
            deletion = store.DeleteAsync(gone.Handle).AsTask();
            late = store.SaveAsync(gone.Handle, SessionChanges.Touch).AsTask();
            poison = store.SaveAsync(saved.Handle, new SessionChanges { Sets = StoreFile.Set(("cart", "poison")) }).AsTask();
        }

        // "Gone" would have been wrong too: it rested on a deletion that was undone.
        await Assert.ThrowsAsync<SessionStoreException>(() => deletion);
        await Assert.ThrowsAsync<SessionStoreException>(() => late);
        await Assert.ThrowsAsync<SessionStoreException>(() => poison);
        Assert.NotNull(await store.LoadAsync(gone.Handle));
        Assert.True(await store.DeleteAsync(gone.Handle));
    }

    [Fact]
    public async Task A_refused_operation_harms_no_other_of_its_transaction()
    {
        var store = await _file.NewMigratedStoreAsync();
        var records = Enumerable.Range(0, 3).Select(_ => _file.NewRecord()).ToList();
        foreach (var record in records)
        {
            await store.CreateAsync(record);
        }

        await CorruptAsync(records[2]);
        var changes = new SessionChanges { Sets = StoreFile.Set(("theme", "dark")) };
        var tooMany = new SessionChanges { Sets = changes.Sets, Limits = new SessionLimits { MaxKeys = 1 } };
        var before = store.Commits;
        Task<SaveResult> limit, corrupt, good;
        using (_file.HoldWriteLock())
        {
            limit = store.SaveAsync(records[0].Handle, tooMany).AsTask();
            corrupt = store.SaveAsync(records[2].Handle, changes).AsTask();
            good = store.SaveAsync(records[1].Handle, changes).AsTask();
        }

        await Assert.ThrowsAsync<SessionLimitException>(() => limit);
        Assert.Equal(SessionStoreError.Corrupt, (await Assert.ThrowsAsync<SessionStoreException>(() => corrupt)).Error);
        Assert.Equal(SaveStatus.Saved, (await good).Status);
        Assert.InRange(store.Commits - before, 1, 2);
        Assert.Equal(1, (await store.LoadAsync(records[0].Handle))!.Version);
    }

    [Fact]
    public async Task An_operation_that_the_database_refuses_half_way_leaves_no_trace_and_harms_no_other()
    {
        var store = await _file.NewMigratedStoreAsync();
        await using (var connection = _file.Open())
        {
            // The second statement of a creation fails, after the first has stored the values.
            await connection.ExecuteAsync(
                """
                CREATE TRIGGER refuse BEFORE INSERT ON kv_sessions WHEN NEW.subject = 'poison'
                BEGIN SELECT RAISE(ABORT, 'refused'); END
                """);
        }

        var records = new[] { "anna", "poison", "bert" }.Select(subject => _file.NewRecord(subject)).ToList();
        List<Task<bool>> creations;
        using (_file.HoldWriteLock())
        {
            creations = [.. records.Select(record => store.CreateAsync(record).AsTask())];
        }

        Assert.True(await creations[0]);
        Assert.Equal(SessionStoreError.Unavailable, (await Assert.ThrowsAsync<SessionStoreException>(() => creations[1])).Error);
        Assert.True(await creations[2]);
        await using var after = _file.Open();
        Assert.Equal(2, await after.ExecuteScalarAsync<int>("SELECT count(*) FROM kv_sessions"));
        Assert.Equal(2, await after.ExecuteScalarAsync<int>("SELECT count(*) FROM kv_session_values"));
    }

    private async Task CorruptAsync(SessionRecord record)
    {
        await using var connection = _file.Open();
        await connection.ExecuteAsync(
            "UPDATE kv_session_values SET data = x'FF00' WHERE id = (SELECT values_id FROM kv_sessions WHERE handle = @Handle)",
            new { Handle = record.Handle.ToByteArray() });
    }

    // A foreign key that is checked when the transaction is committed, and no earlier.
    private async Task AddDeferredFailureAsync()
    {
        await using var connection = _file.Open();
        await connection.ExecuteAsync(
            """
            CREATE TABLE nowhere (id INTEGER PRIMARY KEY);
            CREATE TABLE pending (id INTEGER REFERENCES nowhere (id) DEFERRABLE INITIALLY DEFERRED);
            CREATE TRIGGER refuse AFTER UPDATE ON kv_session_values WHEN instr(NEW.data, CAST('poison' AS BLOB)) > 0
            BEGIN INSERT INTO pending VALUES (1); END
            """);
    }
}
