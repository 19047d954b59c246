using KvSessions.Stores.Conformance;

namespace KvSessions.Caching.Tests;

public sealed class ConformanceCoverageTests
{
    private static readonly ConformanceDivergence[] OfMemory =
    [
        new(typeof(CorruptionConformance), "Memory cannot be damaged."),
        new(typeof(DurabilityConformance), "Memory is not durable."),
        new(typeof(NodeConformance), "The store is in the process."),
        new(typeof(OutageConformance), "Memory is always there."),
    ];

    [Fact]
    public void Every_class_of_the_suite_is_derived_for_every_cache()
    {
        ConformanceCoverage.AssertComplete(typeof(CachedSubjectLimitStore), typeof(MemoryOverMemoryConformance).GetNestedTypes(), OfMemory);
        foreach (var tests in new[]
        {
            typeof(MemoryOverSqliteConformance),
            typeof(MemoryOverPostgresConformance),
            typeof(MemoryOverRedisConformance),
            typeof(ActorOverSqliteConformance),
            typeof(RedisOverPostgresConformance),
            typeof(MemoryOverRedisOverPostgresConformance),
        })
        {
            ConformanceCoverage.AssertComplete(typeof(CachedSubjectLimitStore), tests.GetNestedTypes());
        }
    }
}
