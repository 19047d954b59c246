using System.Reflection;
using System.Text.RegularExpressions;

namespace KvSessions.AspNetCore.Tests;

/// <summary>docs/configuration.md has every option there is, and none that there is not.</summary>
public sealed partial class ConfigurationDocumentTests
{
    [Theory]
    [InlineData("## Sessions", typeof(KvSessionsOptions), typeof(SessionLimits))]
    [InlineData("## The cookie", typeof(SessionCookieOptions))]
    public void Every_option_is_there(string section, params Type[] options)
    {
        var named = RepositoryDocument.Read("docs/configuration.md").Split('\n')
            .SkipWhile(line => !line.StartsWith(section, StringComparison.Ordinal))
            .Skip(1)
            .TakeWhile(static line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Where(static line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(static line => Name().Matches(line.Split('|')[1]).Select(static match => match.Groups[1].Value));
        var there = options.SelectMany(static type => type.GetProperties(BindingFlags.Instance | BindingFlags.Public)).Select(static property => property.Name).Where(static name => name != "Limits");

        Assert.Equal(there.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex("`(?:Limits\\.)?([A-Za-z]+)`")]
    private static partial Regex Name();
}
