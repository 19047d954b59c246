namespace KvSessions.Bench;

/// <summary>How fast one subject has to be, as a share of the requests per second of another one.</summary>
internal sealed record Target(string Subject, string Request, string Floor, string FloorRequest, double Ratio)
{
    public static readonly IReadOnlyList<Target> All =
    [
        new("kv-memory", "untouched", "none", "untouched", 0.95),
        new("kv-memory", "read", "driver-memory", "read", 0.90),
        new("kv-memory", "write", "driver-memory", "write", 0.90),
        new("kv-sqlite", "untouched", "none", "untouched", 0.95),
        new("kv-sqlite", "read", "driver-sqlite", "read", 0.90),
        new("kv-sqlite", "write", "driver-sqlite", "write", 0.90),
        new("kv-sqlite", "write", "driver-sqlite-full", "write", 0.90),
    ];
}
