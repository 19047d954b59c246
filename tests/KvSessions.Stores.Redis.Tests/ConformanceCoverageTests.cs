using KvSessions.Stores.Conformance;

namespace KvSessions.Stores.Redis.Tests;

public sealed class ConformanceCoverageTests
{
    [Fact]
    public void Every_class_of_the_suite_is_derived() =>
        ConformanceCoverage.AssertComplete(typeof(RedisStore), typeof(RedisStoreConformance).GetNestedTypes());

    [Fact]
    public void Every_class_of_the_suite_is_derived_on_a_cluster() =>
        ConformanceCoverage.AssertComplete(
            typeof(RedisStore),
            typeof(RedisClusterConformance).GetNestedTypes(),
            new ConformanceDivergence(typeof(OutageConformance), "The driver goes to the addresses that the masters name, past any proxy; faults are tried on one server."));
}
