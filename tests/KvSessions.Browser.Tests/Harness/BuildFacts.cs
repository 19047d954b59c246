using System.Reflection;

namespace KvSessions.Browser.Tests;

/// <summary>Where things are, as the build knows it.</summary>
internal static class BuildFacts
{
    public static string AccountsAssembly => Of(nameof(AccountsAssembly));

    public static string Screenshots => Of(nameof(Screenshots));

    private static string Of(string key) =>
        typeof(BuildFacts).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(fact => fact.Key == key).Value!;
}
