using System.Diagnostics;

namespace KvSessions.Stores.Postgres.Tests;

public sealed class ProcessTests
{
    [Fact]
    public async Task Processes_that_start_at_once_share_one_session_and_lose_nothing()
    {
        const int Nodes = 3;
        const int Keys = 100;
        await using var schema = await PostgresSchema.CreateAsync();
        var handle = SessionId.New().Handle;
        var processes = Enumerable.Range(0, Nodes)
            .Select(node => NodeProcess.Start(schema.Name, schema.ConnectionString, handle, node, Keys)).ToList();
        try
        {
            foreach (var process in processes)
            {
                Assert.Equal("ready", await process.StandardOutput.ReadLineAsync());
            }

            await Task.WhenAll(processes.Select(static process => process.StandardInput.WriteLineAsync("go")));
            await Task.WhenAll(processes.Select(AssertSucceedsAsync));

            // Created by one of them; each key set by the node that was told that it is saved; no count lost.
            var session = await schema.NewStore().LoadAsync(handle);
            Assert.NotNull(session);
            Assert.Equal((Nodes * Keys) + 1, session.Values.Count);
            Assert.Equal(Nodes * Keys, Counter.Read(session));
            Assert.Equal(1 + (2 * Nodes * Keys), session.Version);
        }
        finally
        {
            processes.ForEach(static process => process.Dispose());
        }
    }

    private static async Task AssertSucceedsAsync(Process process)
    {
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, error);
    }
}
