using System.Reflection;

namespace KvSessions.Stores.Redis.Tests;

public sealed class ReferencesTests
{
    [Fact]
    public void Of_our_own_packages_it_leans_on_the_core_alone()
    {
        var references = Assembly.Load("KvSessions.Stores.Redis").GetReferencedAssemblies().Select(reference => reference.Name!);

        Assert.DoesNotContain(references, name => name.StartsWith("KvSessions.", StringComparison.Ordinal) && name != "KvSessions.Core");
    }
}
