using System.Diagnostics;
using System.Globalization;

namespace KvSessions.Bench;

/// <summary>Puts load on a server with <c>wrk</c>, in a process of its own.</summary>
internal static class Load
{
    private const int Connections = 32;

    /// <summary>Puts load on a server that compiles and connects meanwhile, and so may refuse some of it.</summary>
    public static Task WarmUpAsync(ServerProcess server, string request, int seconds) => WrkAsync(server, request, seconds);

    /// <exception cref="InvalidOperationException">A request failed.</exception>
    public static async Task<Figures> RunAsync(ServerProcess server, string request, int seconds)
    {
        var before = await server.UsageAsync();
        var (figures, output) = await WrkAsync(server, request, seconds);
        if (figures is not [> 0, > 0, _, _, 0])
        {
            throw new InvalidOperationException($"{server.Subject} did not answer every request:\n{output}");
        }

        var after = await server.UsageAsync();
        return new Figures(
            figures[0] / (figures[1] / 1e6),
            figures[2],
            figures[3],
            (after.AllocatedBytes - before.AllocatedBytes) / (double)figures[0],
            (after.ProcessorSeconds - before.ProcessorSeconds) * 1e6 / figures[0]);
    }

    private static async Task<(long[]? Figures, string Output)> WrkAsync(ServerProcess server, string request, int seconds)
    {
        var start = new ProcessStartInfo("wrk") { RedirectStandardOutput = true };
        string[] arguments =
        [
            "--threads", "1", "--connections", $"{Connections}", "--duration", $"{seconds}s", "--latency",
            "--script", Path.Combine(AppContext.BaseDirectory, "rotate.lua"), $"{server.Url}/{request}", "--", server.Cookies,
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var wrk = Process.Start(start)!;
        var output = await wrk.StandardOutput.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        var figures = output.Split('\n').SingleOrDefault(static line => line.StartsWith("figures ", StringComparison.Ordinal))
            ?.Split(' ')[1..].Select(static figure => long.Parse(figure, CultureInfo.InvariantCulture)).ToArray();
        return (figures, output);
    }
}
