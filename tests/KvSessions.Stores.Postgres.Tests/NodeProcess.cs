using System.Diagnostics;
using System.Globalization;

namespace KvSessions.Stores.Postgres.Tests;

/// <summary>A process of its own that migrates a schema and writes to one session of it.</summary>
internal static class NodeProcess
{
    public const string Argument = "--node";

    /// <summary>Starts a node that sets <paramref name="keys"/> keys, named after it, in the session <paramref name="handle"/>, and counts one of them up as often.</summary>
    public static Process Start(string schema, string connectionString, SessionHandle handle, int node, int keys)
    {
        // By the assembly and not by the executable: it may have been started either way.
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])
            [typeof(NodeProcess).Assembly.Location, Argument, schema, connectionString, handle.ToString(), $"{node}", $"{keys}"])
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    public static async Task<int> RunAsync(string[] args)
    {
        var (schema, connectionString, node, keys) = (args[1], args[2], args[4], int.Parse(args[5], CultureInfo.InvariantCulture));
        _ = SessionHandle.TryParse(args[3], out var handle);

        // All nodes are let go at one moment.
        await Console.Out.WriteLineAsync("ready");
        await Console.In.ReadLineAsync();

        await using var store = new PostgresStore(
            new PostgresStoreOptions { ConnectionString = connectionString, Schema = schema, ConnectTimeout = TimeSpan.FromSeconds(30) });
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
            (await store.SaveAsync(handle, new SessionChanges { Sets = PostgresSchema.Set(($"{node}-{key}", "x")) })).Status);
        var statuses = await Task.WhenAll(saves);
        for (var i = 0; i < keys; i++)
        {
            await Counter.IncrementAsync(store, handle);
        }

        return statuses.All(static status => status == SaveStatus.Saved) ? 0 : 1;
    }
}
