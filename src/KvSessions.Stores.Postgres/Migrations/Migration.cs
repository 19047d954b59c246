using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace KvSessions.Stores.Postgres;

/// <summary>
/// One numbered step of the schema: the embedded scripts <c>001_name.up.sql</c> and <c>001_name.down.sql</c>, in which <c>{sessions}</c>
/// is the table, <c>{sessions_x}</c> what is named after it, and <c>{unlogged}</c> the word or nothing.
/// </summary>
internal sealed partial record Migration(int Number, string Up, string Down)
{
    private const string UpSuffix = ".up.sql";

    /// <summary>All that this version knows, in order.</summary>
    public static IReadOnlyList<Migration> All { get; } = ReadAll();

    public static int Latest => All[^1].Number;

    /// <summary>The statements that take the schema up by this step, and note that.</summary>
    public string UpFor(TableNames names, bool unlogged) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {Fill(Up, names, unlogged)}
            CREATE TABLE IF NOT EXISTS {names.Version} (version integer NOT NULL PRIMARY KEY);

            INSERT INTO {names.Version} (version) VALUES ({Number});
            """);

    /// <summary>The statements that take the schema down by this step, and note that.</summary>
    public string DownFor(TableNames names) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {Fill(Down, names, unlogged: false)}
            {(Number == All[0].Number ? $"DROP TABLE {names.Version};" : $"DELETE FROM {names.Version} WHERE version = {Number};")}
            """);

    private static string Fill(string script, TableNames names, bool unlogged) =>
        Placeholder().Replace(script, match => match.Groups["name"].Value switch
        {
            "sessions" => names.Sessions,
            "unlogged" => unlogged ? "UNLOGGED " : "",
            var part => names.Part(part["sessions_".Length..]),
        });

    [GeneratedRegex(@"\{(?<name>[a-z_]+)\}", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();

    private static Migration[] ReadAll()
    {
        var assembly = typeof(Migration).Assembly;
        return
        [
            .. assembly.GetManifestResourceNames()
                .Where(static name => name.EndsWith(UpSuffix, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(name => new Migration(
                    int.Parse(name.AsSpan(0, name.IndexOf('_', StringComparison.Ordinal)), NumberStyles.None, CultureInfo.InvariantCulture),
                    Read(assembly, name),
                    Read(assembly, name[..^UpSuffix.Length] + ".down.sql"))),
        ];
    }

    private static string Read(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
