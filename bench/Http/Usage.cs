namespace KvSessions.Bench;

/// <summary>What a server process has used since it started.</summary>
internal readonly record struct Usage(long AllocatedBytes, double ProcessorSeconds)
{
    public const string Path = "/usage";

    public static Usage Now() => new(GC.GetTotalAllocatedBytes(precise: true), Environment.CpuUsage.TotalTime.TotalSeconds);
}
