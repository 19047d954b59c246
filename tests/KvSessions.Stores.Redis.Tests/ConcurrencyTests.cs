using System.Diagnostics;

namespace KvSessions.Stores.Redis.Tests;

public sealed class ConcurrencyTests : ScopedTest
{
    [Fact]
    public async Task Three_processes_share_one_session_and_lose_nothing()
    {
        const int Nodes = 3;
        const int Keys = 200;
        var handle = SessionId.New().Handle;
        var processes = Enumerable.Range(0, Nodes)
            .Select(node => NodeProcess.Start(TestRedis.Server.Configuration, Scope.Keys.Prefix, handle, node, Keys)).ToList();
        try
        {
            foreach (var process in processes)
            {
                var line = await process.StandardOutput.ReadLineAsync();
                Assert.True(line == "ready", line ?? await process.StandardError.ReadToEndAsync());
            }

            await Task.WhenAll(processes.Select(static process => process.StandardInput.WriteLineAsync("go")));
            await Task.WhenAll(processes.Select(AssertSucceedsAsync));

            // Created by one of them, and each key set by the node that was told that it is saved.
            var session = await Scope.NewStore().LoadAsync(handle);
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
    public async Task Sixty_four_clients_on_connections_of_their_own_lose_no_update()
    {
        const int Clients = 64;
        const int Updates = 5;
        var stores = Enumerable.Range(0, Clients).Select(_ => Scope.NewStore()).ToList();
        var record = RedisScope.NewRecord(value: "0");
        await stores[0].CreateAsync(record);

        await Task.WhenAll(stores.Select(async (store, client) =>
        {
            for (var update = 0; update < Updates; update++)
            {
                await IncrementAsync(store, record.Handle);
                Assert.Equal(
                    SaveStatus.Saved,
                    (await store.SaveAsync(record.Handle, new() { Sets = RedisScope.Set(($"{client}", $"{update}")) })).Status);
            }
        }));

        var session = await stores[0].LoadAsync(record.Handle);
        Assert.Equal($"{Clients * Updates}", System.Text.Encoding.UTF8.GetString(session!.Values["cart"].Span));
        Assert.Equal((1 + Clients, 1L + (2 * Clients * Updates)), (session.Values.Count, session.Version));
    }

    // Compare and set, as UpdateAsync does.
    private static async Task IncrementAsync(RedisStore store, SessionHandle handle)
    {
        while (true)
        {
            var session = (await store.LoadAsync(handle))!;
            var next = int.Parse(session.Values["cart"].Span, provider: null) + 1;
            var result = await store.SaveAsync(handle, new() { ExpectedVersion = session.Version, Sets = RedisScope.Set(("cart", $"{next}")) });
            if (result.Status == SaveStatus.Saved)
            {
                return;
            }
        }
    }

    private static async Task AssertSucceedsAsync(Process process)
    {
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, error);
    }
}
