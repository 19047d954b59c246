namespace KvSessions.Bench;

/// <summary>How fast one subject has to be, as a share of the requests per second of another one.</summary>
internal sealed record Target(string Subject, string Request, string Floor, double Ratio)
{
    public static readonly IReadOnlyList<Target> All =
    [
        new("kv-memory", "untouched", "none", 0.95),
        new("kv-memory", "read", "driver-memory", 0.90),
        new("kv-memory", "write", "driver-memory", 0.90),
        new("kv-sqlite", "untouched", "none", 0.95),
        new("kv-sqlite", "read", "driver-sqlite", 0.90),
        new("kv-sqlite", "write", "driver-sqlite", 0.90),
        new("kv-sqlite", "write", "driver-sqlite-full", 0.90),
        new("kv-redis", "untouched", "none", 0.95),
        new("kv-redis", "read", "driver-redis", 0.90),
        new("kv-redis", "write", "driver-redis", 0.90),
        new("kv-postgres", "untouched", "none", 0.95),
        new("kv-postgres", "read", "driver-postgres", 0.90),
        new("kv-postgres", "write", "driver-postgres", 0.90),
        new("kv-sqlite-cached", "read", "none", 0.85),
        new("kv-redis-cached", "read", "none", 0.85),
        new("kv-postgres-cached", "read", "none", 0.85),
        .. AheadOfTheBuiltIn("memory"),
        .. AheadOfTheBuiltIn("sqlite"),
        .. AheadOfTheBuiltIn("redis"),
        .. AheadOfTheBuiltIn("postgres"),
    ];

    private static IEnumerable<Target> AheadOfTheBuiltIn(string store) =>
        from request in (string[])["untouched", "read", "write"]
        select new Target($"kv-{store}", request, $"builtin-{store}", 1);
}
