using System.Globalization;
using System.Text;

namespace KvSessions.Tests.Crash;

/// <summary>
/// Values of many sizes that a report can name in a few characters: <c>17:4096</c> is 4,096 bytes that begin with that text.
/// </summary>
internal static class SizedValue
{
    private const char Filler = '.';

    public static string Name(long number, int size) => string.Create(CultureInfo.InvariantCulture, $"{number}:{size}");

    public static ReadOnlyMemory<byte> ToBytes(string name) =>
        Encoding.UTF8.GetBytes(name.PadRight(int.Parse(name.AsSpan(name.IndexOf(':') + 1), CultureInfo.InvariantCulture), Filler));

    public static SessionValues ToValues(IReadOnlyDictionary<string, string> named) =>
        SessionValues.From(named.Select(static entry => KeyValuePair.Create(entry.Key, ToBytes(entry.Value))));

    /// <summary>The name of a value that was found. One that was cut or damaged gets a name that no report has.</summary>
    public static string NameOf(ReadOnlyMemory<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes.Span);
        var name = text.TrimEnd(Filler);
        return name.Contains(':', StringComparison.Ordinal) && ToBytes(name).Span.SequenceEqual(bytes.Span)
            ? name
            : $"{bytes.Length} other bytes";
    }
}
