using System.Globalization;

namespace KvSessions.Bench;

/// <summary>Prints what was measured, as tables that can be pasted into a document.</summary>
internal static class Report
{
    public static void Print(Dictionary<(string Subject, string Request), List<Figures>> results)
    {
        Line($"| request | subject | requests/s | p50 µs | p99 µs | bytes/request | CPU µs/request |");
        Line($"|---|---|---:|---:|---:|---:|---:|");
        foreach (var ((subject, request), rounds) in results)
        {
            var median = Figures.Median(rounds);
            Line($"| {request} | {subject} | {median.RequestsPerSecond:N0} | {median.P50:N0} | {median.P99:N0} | {median.AllocatedBytes:N0} | {median.ProcessorTime:N1} |");
        }

        Line($"");
        Line($"| subject | request | compared with | requests/s | of the rounds | CPU time | target | |");
        Line($"|---|---|---|---:|---:|---:|---:|---|");
        foreach (var target in Target.All)
        {
            if (results.TryGetValue((target.Subject, target.Request), out var rounds)
                && results.TryGetValue((target.Floor, target.Request), out var floor))
            {
                // Of each round, because what a noisy machine does in one minute it may not do in the next.
                var ratios = rounds.Zip(floor, static (own, other) => own.RequestsPerSecond / other.RequestsPerSecond).ToList();
                var ratio = Figures.Median(ratios, static ratio => ratio);
                var time = Figures.Median(rounds.Zip(floor), static pair => pair.Second.ProcessorTime / pair.First.ProcessorTime);
                var verdict = ratio >= target.Ratio ? "met" : "missed";
                Line($"| {target.Subject} | {target.Request} | {target.Floor} | {ratio:N2} | {ratios.Min():N2} to {ratios.Max():N2} | {time:N2} | {target.Ratio:N2} | {verdict} |");
            }
        }
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
