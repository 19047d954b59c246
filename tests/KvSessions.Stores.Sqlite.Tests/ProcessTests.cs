using System.Diagnostics;

namespace KvSessions.Stores.Sqlite.Tests;

public sealed class ProcessTests : IAsyncDisposable
{
    private readonly StoreFile _file = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    [Fact]
    public async Task Processes_that_start_at_once_share_one_file_and_lose_nothing()
    {
        const int Nodes = 4;
        const int Keys = 100;
        var handle = SessionId.New().Handle;
        var processes = Enumerable.Range(0, Nodes).Select(node => NodeProcess.Start(_file.Path, handle, node, Keys)).ToList();
        try
        {
            foreach (var process in processes)
            {
                Assert.Equal("ready", await process.StandardOutput.ReadLineAsync());
            }

            await Task.WhenAll(processes.Select(static process => process.StandardInput.WriteLineAsync("go")));
            await Task.WhenAll(processes.Select(AssertSucceedsAsync));

            // Created by one of them, and each key set by the node that was told that it is saved.
            await using var store = new SqliteStore(new SqliteStoreOptions { DataSource = _file.Path });
            var session = await store.LoadAsync(handle);
            Assert.NotNull(session);
            Assert.Equal(Nodes * Keys, session.Values.Count);
            Assert.Equal(1 + (Nodes * Keys), session.Version);
        }
        finally
        {
            processes.ForEach(static process => process.Dispose());
        }
    }

    [Fact]
    public async Task A_store_sees_at_once_what_another_store_on_the_file_has_committed()
    {
        var (first, second) = (await _file.NewMigratedStoreAsync(), _file.NewStore());
        var record = _file.NewRecord("anna");

        await first.CreateAsync(record);
        var seen = await second.LoadAsync(record.Handle);
        await second.DeleteBySubjectAsync("anna");

        Assert.NotNull(seen);
        Assert.Null(await first.LoadAsync(record.Handle));
    }

    private static async Task AssertSucceedsAsync(Process process)
    {
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, error);
    }
}
