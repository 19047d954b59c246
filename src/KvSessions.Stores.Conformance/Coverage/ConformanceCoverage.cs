using System.Reflection;
using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>Makes sure that no promise is left unchecked: that a store's tests derive every class of the suite.</summary>
public static class ConformanceCoverage
{
    /// <summary>The abstract classes of the suite that a store has to derive, in order of their names.</summary>
    /// <param name="store">The type of the store; classes for capabilities that it does not implement are left out.</param>
    public static IReadOnlyList<Type> ClassesFor(Type store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return
        [
            .. typeof(ConformanceTest).Assembly.GetExportedTypes()
                .Where(static type => type.IsAbstract && type.IsSubclassOf(typeof(ConformanceTest)))
                .Where(static type => type.GetMethods().Any(static method => method.IsDefined(typeof(FactAttribute))))
                .Where(type => type.GetCustomAttribute<RequiresStoreAttribute>() is not { } needs || needs.Capability.IsAssignableFrom(store))
                .OrderBy(static type => type.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// Fails, and names what is missing, unless <paramref name="tests"/> derive every class that <paramref name="store"/> has to keep,
    /// but for the declared divergences. A divergence that is declared and derived all the same fails too.
    /// </summary>
    /// <param name="store">The type of the store.</param>
    /// <param name="tests">The test classes of this store: <c>typeof(MyStoreConformance).GetNestedTypes()</c>, or all types of the assembly if it tests one store.</param>
    /// <param name="divergences">The classes that the store does not keep, with the reasons.</param>
    public static void AssertComplete(Type store, IEnumerable<Type> tests, params ConformanceDivergence[] divergences)
    {
        ArgumentNullException.ThrowIfNull(tests);
        ArgumentNullException.ThrowIfNull(divergences);
        var concrete = tests.Where(static type => type is { IsAbstract: false, IsVisible: true }).ToList();
        var derived = ClassesFor(store).ToLookup(conformance => concrete.Exists(test => test.IsSubclassOf(conformance)));
        var diverging = divergences.Select(static divergence => divergence.Conformance).ToHashSet();

        var missing = derived[false].Except(diverging).Select(static type => type.Name).ToList();
        var stale = derived[true].Intersect(diverging).Select(static type => type.Name).ToList();
        var needless = diverging.Except(ClassesFor(store)).Select(static type => type.Name).ToList();
        Assert.True(missing.Count == 0, $"No public test class of {store.Name} derives {string.Join(", ", missing)}.");
        Assert.True(stale.Count == 0, $"{store.Name} is declared to diverge from {string.Join(", ", stale)}, and derives it.");
        Assert.True(needless.Count == 0, $"{store.Name} is declared to diverge from {string.Join(", ", needless)}, which it need not derive.");
    }
}
