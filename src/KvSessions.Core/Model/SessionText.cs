using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace KvSessions;

/// <summary>
/// What a key or a subject may be made of: text that every store keeps as it is. PostgreSQL's text has no U+0000
/// (https://www.postgresql.org/docs/current/datatype-character.html), and an unpaired surrogate has no UTF-8 form.
/// </summary>
internal static class SessionText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static int CountBytes(string text) => Strict.GetByteCount(text);

    public static int Write(string text, Span<byte> destination) => Strict.GetBytes(text, destination);

    public static string Read(ReadOnlySpan<byte> bytes) => Strict.GetString(bytes);

    public static void ThrowIfInvalid([NotNull] string? text, string what, string parameter)
    {
        ArgumentNullException.ThrowIfNull(text, parameter);
        if (text.Length == 0)
        {
            throw new ArgumentException($"A {what} must not be empty.", parameter);
        }

        if (text.Contains('\0'))
        {
            throw new ArgumentException($"A {what} must not contain U+0000.", parameter);
        }

        try
        {
            Strict.GetByteCount(text);
        }
        catch (EncoderFallbackException)
        {
            // The inner exception would add nothing but the offending character.
            throw new ArgumentException($"A {what} must be valid Unicode, without unpaired surrogates.", parameter);
        }
    }
}
