using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace KvSessions;

/// <summary>
/// The secret that finds a session again: 32 bytes from a cryptographically secure generator. Whoever holds it holds the session,
/// so it goes to the client only; stores and logs see its <see cref="Handle"/>.
/// </summary>
public sealed class SessionId : IEquatable<SessionId>
{
    /// <summary>The length of the text form in characters: 32 bytes as unpadded base64url (RFC 4648, section 5).</summary>
    public const int TextLength = 43;

    private const int ByteLength = 32;

    private readonly string _text;

    private SessionId(string text, ReadOnlySpan<byte> bytes)
    {
        _text = text;
        Handle = SessionHandle.OfSecret(bytes);
    }

    /// <summary>The SHA-256 of the id: what stores are asked for. It does not lead back to the id.</summary>
    public SessionHandle Handle { get; }

    /// <summary>Makes a new random id.</summary>
    public static SessionId New()
    {
        Span<byte> bytes = stackalloc byte[ByteLength];
        RandomNumberGenerator.Fill(bytes);
        return new SessionId(Base64Url.EncodeToString(bytes), bytes);
    }

    /// <summary>
    /// Reads the text form: exactly 43 characters of base64url in the one spelling that <see cref="Reveal"/> gives.
    /// </summary>
    /// <returns><see langword="false"/> for anything else; it never throws.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out SessionId? id)
    {
        id = null;
        if (text.Length != TextLength)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[ByteLength];
        if (Base64Url.DecodeFromChars(text, bytes, out _, out var written) != OperationStatus.Done || written != ByteLength)
        {
            return false;
        }

        // The last character carries two bits that belong to no byte: only one of its four spellings is the id's own.
        Span<char> canonical = stackalloc char[TextLength];
        Base64Url.EncodeToChars(bytes, canonical);
        if (!text.SequenceEqual(canonical))
        {
            return false;
        }

        id = new SessionId(new string(text), bytes);
        return true;
    }

    /// <summary>The secret text, 43 characters, to be sent to the client and to nobody else.</summary>
    public string Reveal() => _text;

    /// <inheritdoc/>
    public bool Equals(SessionId? other) => other is not null && Handle == other.Handle;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SessionId);

    /// <inheritdoc/>
    public override int GetHashCode() => Handle.GetHashCode();

    /// <summary>A placeholder: the secret never shows by accident. See <see cref="Reveal"/>.</summary>
    public override string ToString() => "SessionId(***)";
}
