using KvSessions.Stores.Conformance;
using Xunit.Sdk;

namespace KvSessions.Stores.Memory.Tests;

public sealed class ConformanceCoverageTests
{
    private static readonly ConformanceDivergence[] Divergences =
    [
        new(typeof(CorruptionConformance), "on purpose"),
        new(typeof(DurabilityConformance), "on purpose"),
        new(typeof(NodeConformance), "on purpose"),
        new(typeof(OutageConformance), "on purpose"),
    ];

    private static readonly Type[] All = typeof(MemoryStoreConformance).GetNestedTypes();

    [Fact]
    public void A_class_that_is_not_derived_is_missed_by_name()
    {
        var fault = Missing(typeof(MemoryStore), All.Where(static type => type != typeof(MemoryStoreConformance.Touch)), Divergences);

        Assert.Contains("MemoryStore derives TouchConformance.", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_divergence_that_is_not_declared_is_missed() =>
        Assert.Contains("OutageConformance", Missing(typeof(MemoryStore), All, Divergences[0]), StringComparison.Ordinal);

    [Fact]
    public void A_divergence_from_a_class_that_is_derived_is_refused() =>
        Assert.Contains(
            "declared to diverge from SaveConformance",
            Missing(typeof(MemoryStore), All, [.. Divergences, new(typeof(SaveConformance), "on purpose")]),
            StringComparison.Ordinal);

    [Fact]
    public void A_store_need_not_derive_what_it_lacks_the_capability_for()
    {
        Assert.Contains(typeof(SubjectConformance), ConformanceCoverage.ClassesFor(typeof(MemoryStore)));
        Assert.DoesNotContain(typeof(MigrationConformance), ConformanceCoverage.ClassesFor(typeof(MemoryStore)));
        Assert.DoesNotContain(typeof(SubjectConformance), ConformanceCoverage.ClassesFor(typeof(ISessionStore)));
        Assert.DoesNotContain(typeof(SubjectTest), ConformanceCoverage.ClassesFor(typeof(MemoryStore)));
    }

    [Fact]
    public void A_divergence_needs_a_reason() =>
        Assert.Throws<ArgumentException>(() => new ConformanceDivergence(typeof(OutageConformance), " "));

    private static string Missing(Type store, IEnumerable<Type> tests, params ConformanceDivergence[] divergences) =>
        Assert.ThrowsAny<XunitException>(() => ConformanceCoverage.AssertComplete(store, tests, divergences)).Message;
}
