using Dapper;

namespace KvSessions.Stores.Sqlite.Tests;

public sealed class WriteQueueTests : IAsyncDisposable
{
    private readonly StoreFile _file = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    [Fact]
    public async Task A_lock_that_is_held_too_long_is_unavailable_and_changes_nothing()
    {
        var store = await _file.NewMigratedStoreAsync(options => options.BusyTimeout = TimeSpan.Zero);
        var record = _file.NewRecord();
        await store.CreateAsync(record);
        using (_file.HoldWriteLock())
        {
            var exception = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.DeleteAsync(record.Handle));
            Assert.Equal(SessionStoreError.Unavailable, exception.Error);
            Assert.Contains(nameof(SqliteStoreOptions.BusyTimeout), exception.Message);

            // A writer does not stand in the way of readers.
            Assert.NotNull(await store.LoadAsync(record.Handle));
        }

        Assert.True(await store.DeleteAsync(record.Handle));
    }

    [Fact]
    public async Task A_full_queue_refuses_more_and_keeps_what_it_has()
    {
        var store = await _file.NewMigratedStoreAsync();
        var record = _file.NewRecord();
        await store.CreateAsync(record);
        var tasks = new List<Task<SaveResult>>();
        using (_file.HoldWriteLock())
        {
            // The writer may have taken some of them already.
            for (var i = 0; i < 2 * Writer.Capacity && !tasks.Any(static task => task.IsFaulted); i++)
            {
                tasks.Add(store.SaveAsync(record.Handle, SessionChanges.Touch).AsTask());
            }
        }

        var refused = await Assert.ThrowsAsync<SessionStoreException>(() => tasks[^1]);
        Assert.Equal(SessionStoreError.Unavailable, refused.Error);
        Assert.InRange(tasks.Count, Writer.Capacity, Writer.Capacity + 1000);
        Assert.All(await Task.WhenAll(tasks.SkipLast(1)), static result => Assert.Equal(SaveStatus.Saved, result.Status));
    }

    [Fact]
    public async Task What_is_cancelled_before_it_is_started_changes_nothing()
    {
        var store = await _file.NewMigratedStoreAsync();
        var (first, second) = (_file.NewRecord(), _file.NewRecord());
        await store.CreateAsync(first);
        await store.CreateAsync(second);
        using var cancellation = new CancellationTokenSource();
        Task<bool> cancelled, kept;
        using (_file.HoldWriteLock())
        {
            cancelled = store.DeleteAsync(first.Handle, cancellation.Token).AsTask();
            kept = store.DeleteAsync(second.Handle, CancellationToken.None).AsTask();
            await cancellation.CancelAsync();

            // At once: not when the lock is free.
            var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
            Assert.Equal(cancellation.Token, exception.CancellationToken);
        }

        Assert.True(await kept);
        Assert.NotNull(await store.LoadAsync(first.Handle));
    }

    [Fact]
    public async Task Disposing_carries_out_what_waits_and_refuses_what_comes_after()
    {
        var store = await _file.NewMigratedStoreAsync();
        var records = Enumerable.Range(0, 20).Select(_ => _file.NewRecord()).ToList();
        Task<bool>[] creations;
        Task disposal;
        using (_file.HoldWriteLock())
        {
            creations = [.. records.Select(record => store.CreateAsync(record).AsTask())];
            disposal = store.DisposeAsync().AsTask();
        }

        await disposal;
        Assert.All(creations, static creation => Assert.True(creation is { IsCompletedSuccessfully: true, Result: true }));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.CreateAsync(_file.NewRecord()));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.LoadAsync(records[0].Handle));
        await store.DisposeAsync();

        await using var connection = _file.Open();
        Assert.Equal(20, await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM kv_sessions"));
    }
}
