using System.Text.RegularExpressions;
using KvSessions.Stores.Conformance;
using KvSessions.Tests;

namespace FileSessions.Tests;

/// <summary>docs/writing-a-store.md says what this store does, in code that compiles.</summary>
public sealed partial class DocumentTests
{
    private static readonly string Document = RepositoryDocument.Read("docs/writing-a-store.md");

    [Fact]
    public void Its_code_is_that_of_the_sample_and_its_tests()
    {
        var files = new[] { "samples/FileStore", "tests/FileStore.Tests" }
            .SelectMany(static folder => Directory.GetFiles(Path.Combine(RepositoryDocument.Root, folder), "*.cs"))
            .Select(static file => Unindented(File.ReadAllText(file)))
            .ToList();
        var blocks = CSharp().Matches(Document).Select(static match => match.Groups[1].Value).ToList();

        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => Assert.Contains(files, file => file.Contains(Unindented(block), StringComparison.Ordinal)));
    }

    [Fact]
    public void It_names_every_class_of_the_suite_and_none_that_there_is_not()
    {
        var classes = typeof(ConformanceTest).Assembly.GetExportedTypes()
            .Where(static type => type.IsAbstract && type.Name.EndsWith("Conformance", StringComparison.Ordinal))
            .Select(static type => type.Name);
        var named = ListedClass().Matches(Document).Select(static match => match.Groups[1].Value).Distinct();

        Assert.Equal(classes.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    private static string Unindented(string code) => string.Join('\n', code.Split('\n').Select(static line => line.Trim()));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharp();

    [GeneratedRegex("`([A-Z][A-Za-z]+Conformance)`")]
    private static partial Regex ListedClass();
}
