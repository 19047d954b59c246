using System.Globalization;
using System.Reflection;

namespace KvSessions.Stores.Sqlite;

/// <summary>One numbered step of the schema: the embedded scripts <c>001_name.up.sql</c> and <c>001_name.down.sql</c>.</summary>
internal sealed record Migration(int Number, string Up, string Down)
{
    private const string UpSuffix = ".up.sql";

    /// <summary>All that this version knows, in order.</summary>
    public static IReadOnlyList<Migration> All { get; } = ReadAll();

    public static int Latest => All[^1].Number;

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
