using System.Diagnostics;

namespace KvSessions.Stores.Sqlite.Tests;

/// <summary>This executable as a process of its own (Program.cs says what it can do).</summary>
internal static class ChildProcess
{
    public static Process Start(params IEnumerable<string> arguments)
    {
        // By the assembly and not by the executable: it may have been started either way.
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }
}
