using System.Diagnostics;
using System.Globalization;

namespace KvSessions.Stores.Redis.Tests;

/// <summary>A process of its own that writes to one session.</summary>
internal static class NodeProcess
{
    public const string Argument = "--node";

    /// <summary>Starts a node that sets <paramref name="keys"/> keys, named after it, in the session <paramref name="handle"/>.</summary>
    public static Process Start(string configuration, string prefix, SessionHandle handle, int node, int keys)
    {
        // By the assembly and not by the executable: it may have been started either way.
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])
            [typeof(NodeProcess).Assembly.Location, Argument, configuration, prefix, handle.ToString(), $"{node}", $"{keys}"])
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    public static async Task<int> RunAsync(string[] args)
    {
        var (configuration, prefix, node, keys) = (args[1], args[2], args[4], int.Parse(args[5], CultureInfo.InvariantCulture));
        var handle = SessionHandle.Parse(args[3], CultureInfo.InvariantCulture);
        await using var store = new RedisStore(configuration + ",asyncTimeout=30000,connectTimeout=30000", new RedisStoreOptions { KeyPrefix = prefix });
        await store.LoadAsync(handle);

        // All nodes are let go at one moment.
        await Console.Out.WriteLineAsync("ready");
        await Console.In.ReadLineAsync();

        await store.CreateAsync(RedisScope.NewRecord() with { Handle = handle, Values = SessionValues.Empty });
        var saves = Enumerable.Range(0, keys).Select(async key =>
            (await store.SaveAsync(handle, new SessionChanges { Sets = RedisScope.Set(($"{node}-{key}", "x")) })).Status);
        var statuses = await Task.WhenAll(saves);
        return statuses.All(static status => status == SaveStatus.Saved) ? 0 : 1;
    }
}
