using System.Diagnostics;
using System.Globalization;

namespace KvSessions.Stores.Sqlite.Tests;

/// <summary>A process of its own that migrates a file and writes to one session of it.</summary>
internal static class NodeProcess
{
    public const string Argument = "--node";

    /// <summary>Starts a node that sets <paramref name="keys"/> keys, named after it, in the session <paramref name="handle"/>.</summary>
    public static Process Start(string path, SessionHandle handle, int node, int keys) =>
        ChildProcess.Start(Argument, path, handle.ToString(), $"{node}", $"{keys}");

    public static async Task<int> RunAsync(string[] args)
    {
        var (path, node, keys) = (args[1], args[3], int.Parse(args[4], CultureInfo.InvariantCulture));
        _ = SessionHandle.TryParse(args[2], out var handle);

        // All nodes are let go at one moment.
        await Console.Out.WriteLineAsync("ready");
        await Console.In.ReadLineAsync();

        await using var store = new SqliteStore(new SqliteStoreOptions { DataSource = path, BusyTimeout = TimeSpan.FromSeconds(30) });
        await store.MigrateUpAsync();
        var now = TimeProvider.System.GetUtcNow();
        await store.CreateAsync(new SessionRecord
        {
            Handle = handle,
            Version = 1,
            CreatedAt = now,
            LastSeenAt = now,
            Expiry = SessionExpiry.Idle(TimeSpan.FromHours(1)),
        });

        var saves = Enumerable.Range(0, keys).Select(async key =>
            (await store.SaveAsync(handle, new SessionChanges { Sets = StoreFile.Set(($"{node}-{key}", "x")) })).Status);
        var statuses = await Task.WhenAll(saves);
        return statuses.All(static status => status == SaveStatus.Saved) ? 0 : 1;
    }
}
