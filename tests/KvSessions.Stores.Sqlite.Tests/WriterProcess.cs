using System.Diagnostics;
using System.Globalization;
using KvSessions.Tests.Crash;

namespace KvSessions.Stores.Sqlite.Tests;

/// <summary>A process of its own whose clients write to a file, and report it, until they are told to stop or the process is killed.</summary>
internal static class WriterProcess
{
    public const string Argument = "--writer";

    public static Process Start(string path, string report, string name, int clients, int seed, SessionHandle shared) =>
        ChildProcess.Start(Argument, path, report, name, $"{clients}", $"{seed}", shared.ToString());

    public static async Task<int> RunAsync(string[] args)
    {
        var (path, name) = (args[1], args[3]);
        var (clients, seed) = (int.Parse(args[4], CultureInfo.InvariantCulture), int.Parse(args[5], CultureInfo.InvariantCulture));
        var shared = SessionHandle.Parse(args[6], null);
        await using var file = new FileStream(args[2], FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        await using var store = new SqliteStore(new SqliteStoreOptions { DataSource = path });
        var report = new WriteReport(file);
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, clients)
            .Select(client => new RandomWriter(store, report, $"{name}-{client}", seed + client, shared).RunAsync(stop.Token))
            .ToList();

        // The end of the input too: whoever started this process may be gone.
        await Console.In.ReadLineAsync();
        await stop.CancelAsync();
        await Task.WhenAll(writers);
        return 0;
    }
}
