using KvSessions.Stores.Conformance;

namespace KvSessions.Stores.Redis.Tests;

public sealed class ConformanceCoverageTests
{
    [Fact]
    public void Every_class_of_the_suite_is_derived() =>
        ConformanceCoverage.AssertComplete(typeof(RedisStore), typeof(RedisStoreConformance).GetNestedTypes());
}
