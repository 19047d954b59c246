using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using KvSessions.Tests.Crash;

namespace KvSessions.Stores.Sqlite.Tests;

/// <summary>
/// A process of its own whose clients write to a file, and report it, until they are told to stop or the process is killed: by others, or
/// by itself right after it has reported an acknowledgement, which is the worst moment to lose what was acknowledged.
/// </summary>
internal static class WriterProcess
{
    public const string Argument = "--writer";
    private const int SigKill = 9;

    /// <param name="path">The file.</param>
    /// <param name="report">Where to report.</param>
    /// <param name="name">What the names of the clients begin with.</param>
    /// <param name="clients">How many there are.</param>
    /// <param name="seed">Makes their calls.</param>
    /// <param name="shared">The session that all of them write to.</param>
    /// <param name="lastAnswer">The answer after which the process kills itself; 0 for none.</param>
    public static Process Start(string path, string report, string name, int clients, int seed, SessionHandle shared, int lastAnswer) =>
        ChildProcess.Start(Argument, path, report, name, $"{clients}", $"{seed}", shared.ToString(), $"{lastAnswer}");

    public static async Task<int> RunAsync(string[] args)
    {
        var (path, name) = (args[1], args[3]);
        var (clients, seed) = (int.Parse(args[4], CultureInfo.InvariantCulture), int.Parse(args[5], CultureInfo.InvariantCulture));
        var shared = SessionHandle.Parse(args[6], null);
        await using var file = new FileStream(args[2], FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        await using var store = new SqliteStore(new SqliteStoreOptions { DataSource = path });
        var report = new WriteReport(file, DieAfter(int.Parse(args[7], CultureInfo.InvariantCulture)));
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

    private static Action<int> DieAfter(int lastAnswer)
    {
        // A signal that does nothing: the first call takes far longer than the second.
        var self = Environment.ProcessId;
        _ = Signal(self, 0);
        return answers =>
        {
            if (answers == lastAnswer)
            {
                _ = Signal(self, SigKill);
            }
        };
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int process, int signal);
}
