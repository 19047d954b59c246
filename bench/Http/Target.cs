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
        new("kv-redis", "untouched", "none", "untouched", 0.95),
        new("kv-redis", "read", "driver-redis", "read", 0.90),
        new("kv-redis", "write", "driver-redis", "write", 0.90),
        new("kv-postgres", "untouched", "none", "untouched", 0.95),
        new("kv-postgres", "read", "driver-postgres", "read", 0.90),
        new("kv-postgres", "write", "driver-postgres", "write", 0.90),
        new("kv-sqlite-cached", "read", "none", "untouched", 0.85),
        new("kv-redis-cached", "read", "none", "untouched", 0.85),
        new("kv-postgres-cached", "read", "none", "untouched", 0.85),
        .. AheadOfTheBuiltIn("memory"),
        .. AheadOfTheBuiltIn("sqlite"),
        .. AheadOfTheBuiltIn("redis"),
        .. AheadOfTheBuiltIn("postgres"),
    ];

    private static IEnumerable<Target> AheadOfTheBuiltIn(string store) =>
        from request in (string[])["untouched", "read", "write"]
        select new Target($"kv-{store}", request, $"builtin-{store}", request, 1);
}
