namespace KvSessions.Bench;

/// <summary>What one measurement gave. Latencies and processor time are in microseconds; the last two are for one request.</summary>
internal sealed record Figures(double RequestsPerSecond, double P50, double P99, double AllocatedBytes, double ProcessorTime)
{
    public static Figures Median(IReadOnlyList<Figures> rounds) =>
        new(
            Median(rounds, static figures => figures.RequestsPerSecond),
            Median(rounds, static figures => figures.P50),
            Median(rounds, static figures => figures.P99),
            Median(rounds, static figures => figures.AllocatedBytes),
            Median(rounds, static figures => figures.ProcessorTime));

    public static double Median<T>(IEnumerable<T> items, Func<T, double> select)
    {
        var sorted = items.Select(select).Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
