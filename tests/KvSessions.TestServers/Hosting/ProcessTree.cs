using System.Globalization;
using System.Runtime.InteropServices;

namespace KvSessions.TestServers.Hosting;

/// <summary>A process and the processes that it started, as Linux shows them under <c>/proc</c>.</summary>
internal static class ProcessTree
{
    /// <summary>Sends a signal to a process and to all that it has started: the parent first, so that it starts no more meanwhile.</summary>
    public static void Signal(int pid, Signal signal)
    {
        // One that is gone already needs no signal.
        _ = Kill(pid, (int)signal);
        foreach (var child in Children(pid))
        {
            Signal(child, signal);
        }
    }

    /// <summary>The process and all below it, at this moment.</summary>
    public static IReadOnlyList<int> Of(int pid) => [pid, .. Children(pid).SelectMany(Of)];

    /// <summary>Sends a signal to one process.</summary>
    public static void SignalOne(int pid, Signal signal) => _ = Kill(pid, (int)signal);

    /// <summary>Whether a process still runs; one that has ended and that its parent has not looked after yet (a zombie) does not.</summary>
    public static bool Runs(int pid) => Stat(pid) is { State: not "Z" };

    /// <summary>Whether a process was started with this directory on its command line or works in it: a pid alone may be somebody else's by now.</summary>
    public static bool WorksIn(int pid, string directory)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Contains(directory, StringComparison.Ordinal)
                || (File.ResolveLinkTarget($"/proc/{pid}/cwd", false)?.FullName.StartsWith(directory, StringComparison.Ordinal) ?? false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static List<int> Children(int parent) =>
        [.. Directory.EnumerateDirectories("/proc")
            .Select(directory => int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid > 0 && Stat(pid)?.Parent == parent)];

    // https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: after the name, which may hold anything, come state and parent.
    private static (string State, int Parent)? Stat(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0], int.Parse(fields[1], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int pid, int signal);
}
