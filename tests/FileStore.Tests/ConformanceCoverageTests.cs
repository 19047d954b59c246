using KvSessions.Stores.Conformance;

namespace FileSessions.Tests;

public sealed class ConformanceCoverageTests
{
    [Fact]
    public void Every_class_of_the_suite_is_derived() =>
        ConformanceCoverage.AssertComplete(
            typeof(FileStore),
            typeof(FileStoreConformance).GetNestedTypes(),
            new ConformanceDivergence(typeof(NodeConformance), "One process at a time owns the folder."));
}
