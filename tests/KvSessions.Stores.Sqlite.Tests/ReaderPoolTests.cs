namespace KvSessions.Stores.Sqlite.Tests;

public sealed class ReaderPoolTests : IAsyncDisposable
{
    private readonly StoreFile _file = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    [Fact]
    public async Task A_read_is_complete_when_the_call_returns()
    {
        var store = await _file.NewMigratedStoreAsync();

        var load = store.LoadAsync(SessionId.New().Handle).AsTask();

        Assert.True(load.IsCompletedSuccessfully);
        Assert.Null(await load);
    }

    [Fact]
    public async Task More_reads_than_readers_wait_for_each_other_and_all_succeed()
    {
        var store = await _file.NewMigratedStoreAsync(static options => options.MaxReaders = 1);
        var record = _file.NewRecord();
        await store.CreateAsync(record);

        var reads = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                Assert.NotNull(await store.LoadAsync(record.Handle));
            }
        }));

        await Task.WhenAll(reads);
    }

    [Fact]
    public async Task A_store_can_be_disposed_in_the_middle_of_reads()
    {
        var store = await _file.NewMigratedStoreAsync(static options => options.MaxReaders = 2);
        var record = _file.NewRecord();
        await store.CreateAsync(record);
        var begun = new TaskCompletionSource();
        var reads = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                Assert.NotNull(await store.LoadAsync(record.Handle));
                begun.TrySetResult();
            }
        })).ToList();

        await begun.Task;
        await store.DisposeAsync();

        foreach (var read in reads)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => read);
        }
    }

    [Fact]
    public async Task A_cancelled_read_does_not_read()
    {
        var store = await _file.NewMigratedStoreAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await store.LoadAsync(SessionId.New().Handle, new CancellationToken(canceled: true)));
    }
}
