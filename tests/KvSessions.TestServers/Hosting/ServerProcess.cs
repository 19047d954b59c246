using System.Collections.Concurrent;
using System.Diagnostics;

namespace KvSessions.TestServers.Hosting;

/// <summary>A server binary of this machine, running as a process below the tests, in a directory of its own.</summary>
/// <param name="program">The executable.</param>
/// <param name="arguments">Its arguments.</param>
/// <param name="directory">Where it works; from <see cref="RunDirectory.CreateFor"/>.</param>
/// <param name="port">The port that the arguments make it listen on, for good.</param>
/// <param name="user">The user to run as where the tests run as root and the server refuses to, else <see langword="null"/>.</param>
/// <param name="stop">The signal that asks it to end.</param>
internal sealed class ServerProcess(string program, IReadOnlyList<string> arguments, string directory, int port, string? user, Signal stop) : ServerHost
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(30);

    // The kernel's parent-death signal comes when the thread ends that started the process, and a thread of the pool may end at any
    // time. https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
    private static readonly Lazy<BlockingCollection<Action>> Starter = new(() =>
    {
        var work = new BlockingCollection<Action>();
        new Thread(() =>
        {
            foreach (var start in work.GetConsumingEnumerable())
            {
                start();
            }
        })
        { IsBackground = true, Name = "Starts test servers" }.Start();
        return work;
    });

    private Process? _process;

    public override string Origin => $"{program} of this machine";

    public override string Address => "127.0.0.1";

    public override int Port => port;

    /// <summary>The user a server that refuses root has to run as, if the tests do run as root.</summary>
    public static string? UserInsteadOfRoot(string user) => Environment.IsPrivilegedProcess ? user : null;

    /// <summary>Runs a program to its end, as a server would be run, and fails if it does.</summary>
    public static async Task RunAsync(string? user, string program, params string[] arguments)
    {
        var start = Prepare(user, program, arguments);
        start.RedirectStandardError = start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new TestServersException($"'{program} {string.Join(' ', arguments)}' ended with exit code {process.ExitCode}: {errors}{await output}");
        }
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_process is { HasExited: false })
        {
            throw new InvalidOperationException("The server is running.");
        }

        // A shell for the log alone: 'exec' puts the server in its place, so that the pid is the server's.
        var start = Prepare(user, "sh", ["-c", $"exec \"$@\" >>'{LogFile}' 2>&1", "sh", program, .. arguments]);
        start.WorkingDirectory = directory;
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Starter.Value.Add(
            () =>
            {
                try
                {
                    started.SetResult(Process.Start(start)!);
                }
                catch (Exception error)
                {
                    started.SetException(error);
                }
            },
            cancellationToken);
        _process?.Dispose();
        _process = await started.Task;
        RunDirectory.NotePid(directory, _process.Id);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        var process = Running();
        ProcessTree.SignalOne(process.Id, stop);
        await WaitForEndAsync([process.Id], cancellationToken);
    }

    public override async Task KillAsync(CancellationToken cancellationToken)
    {
        var process = Running();

        // Stopped first: what is killed one after the other would live on meanwhile, and could start more.
        ProcessTree.Signal(process.Id, Signal.Stop);
        var all = ProcessTree.Of(process.Id);
        foreach (var pid in all)
        {
            ProcessTree.SignalOne(pid, Signal.Kill);
        }

        await WaitForEndAsync(all, cancellationToken);
    }

    public override Task PauseAsync(CancellationToken cancellationToken)
    {
        ProcessTree.Signal(Running().Id, Signal.Stop);
        return Task.CompletedTask;
    }

    public override Task ResumeAsync(CancellationToken cancellationToken)
    {
        ProcessTree.Signal(Running().Id, Signal.Continue);
        return Task.CompletedTask;
    }

    public override async Task<string> ReadLogAsync(CancellationToken cancellationToken) =>
        File.Exists(LogFile) ? await File.ReadAllTextAsync(LogFile, cancellationToken) : "";

    public override Task<bool> HasEndedAsync(CancellationToken cancellationToken) => Task.FromResult(_process is not { HasExited: false });

    public override async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync(default);
        }

        _process?.Dispose();
        _process = null;
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private string LogFile => Path.Combine(directory, "log");

    private Process Running() => _process is { HasExited: false } running ? running : throw new InvalidOperationException("The server is not running.");

    private async Task WaitForEndAsync(IReadOnlyList<int> pids, CancellationToken cancellationToken)
    {
        for (var waited = Stopwatch.StartNew(); pids.Any(ProcessTree.Runs); await Task.Delay(PollInterval, cancellationToken))
        {
            if (waited.Elapsed > StopDeadline)
            {
                throw new TestServersException($"{program} has not ended within {StopDeadline.TotalSeconds:0} seconds. {await ReadLogAsync(cancellationToken)}");
            }
        }

        await _process!.WaitForExitAsync(cancellationToken);
    }

    private static ProcessStartInfo Prepare(string? user, string program, IReadOnlyList<string> arguments)
    {
        List<string> command = ["setpriv", "--pdeathsig", "KILL"];
        if (user is not null)
        {
            command.AddRange(["--reuid", user, "--regid", user, "--clear-groups"]);
        }

        // The directory of the tests may be closed to that user.
        return new(command[0], [.. command[1..], "--", program, .. arguments]) { WorkingDirectory = RunDirectory.Path, UseShellExecute = false };
    }
}
