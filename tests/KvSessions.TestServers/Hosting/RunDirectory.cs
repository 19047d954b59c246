namespace KvSessions.TestServers.Hosting;

/// <summary>
/// What this test process leaves on the machine while it runs: a directory, held by a lock that ends with the process however it ends.
/// Directories without a holder are those of runs that crashed; they go, with the servers and containers that belong to them.
/// </summary>
internal static class RunDirectory
{
    /// <summary>The label of our containers; its value is the directory of the run that they belong to.</summary>
    public const string Label = "kvsessions.test-run";

    private const string LockFile = "lock";
    private const string PidFile = "pid";

    private static readonly string Parent = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"kvsessions-test-servers-{Environment.UserName}");
    private static readonly Lazy<(string Path, FileStream Held)> Run = new(Create);

    private static int _servers;

    public static string Path => Run.Value.Path;

    /// <summary>A directory for one server, open to other users: a server may have to run as one.</summary>
    public static string CreateFor(string server) =>
        Directory.CreateDirectory(System.IO.Path.Combine(Path, $"{server}-{Interlocked.Increment(ref _servers)}")).FullName;

    /// <summary>Notes which process works in a server's directory, for whoever has to clean up after a crash.</summary>
    public static void NotePid(string directory, int pid) => File.WriteAllText(System.IO.Path.Combine(directory, PidFile), $"{pid}");

    /// <summary>Whether the run that a container's label names is over. Runs of other machines and users are theirs to judge.</summary>
    public static bool IsOver(string run) => System.IO.Path.GetDirectoryName(run) == Parent && run != Path && !Directory.Exists(run);

    private static (string Path, FileStream Held) Create()
    {
        Directory.CreateDirectory(Parent);
        RemoveLeftovers();
        var path = Directory.CreateDirectory(System.IO.Path.Combine(Parent, System.IO.Path.GetRandomFileName())).FullName;
        var held = new FileStream(System.IO.Path.Combine(path, LockFile), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            held.Dispose();
            RemoveLeftovers();
        };
        return (path, held);
    }

    private static void RemoveLeftovers()
    {
        foreach (var run in Directory.EnumerateDirectories(Parent))
        {
            try
            {
                using (new FileStream(System.IO.Path.Combine(run, LockFile), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
                {
                    foreach (var server in Directory.EnumerateDirectories(run))
                    {
                        EndLeftover(server);
                    }
                }

                Directory.Delete(run, recursive: true);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // In use, not locked yet, or being removed by another run at this moment.
            }
        }
    }

    private static void EndLeftover(string server)
    {
        var pidFile = System.IO.Path.Combine(server, PidFile);
        if (File.Exists(pidFile) && int.TryParse(File.ReadAllText(pidFile), out var pid)
            && ProcessTree.WorksIn(pid, server))
        {
            ProcessTree.Signal(pid, Signal.Kill);
        }
    }
}
