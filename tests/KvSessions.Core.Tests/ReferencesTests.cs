using System.Reflection;

namespace KvSessions.Core.Tests;

public sealed class ReferencesTests
{
    [Fact]
    public void The_core_knows_neither_HTTP_nor_a_driver()
    {
        var references = Assembly.Load("KvSessions.Core").GetReferencedAssemblies().Select(reference => reference.Name!);

        Assert.All(references, name => Assert.Matches("^(System|Microsoft\\.Extensions|BitFaster)\\.", name));
    }
}
