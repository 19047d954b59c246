using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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

    // Four characters are three bytes, and of 32 bytes two are left.
    private const int EndingLength = 3;

    private readonly Secret _secret;
    private SessionHandle _handle;
    private bool _isHashed;

    private SessionId(ReadOnlySpan<byte> secret) => secret.CopyTo(_secret);

    /// <summary>The SHA-256 of the id: what stores are asked for. It does not lead back to the id.</summary>
    public SessionHandle Handle
    {
        get
        {
            // When it is asked for, because most requests do not need it. Several threads may do so; what they write is the same.
            if (!Volatile.Read(ref _isHashed))
            {
                _handle = SessionHandle.OfSecret(_secret);
                Volatile.Write(ref _isHashed, true);
            }

            return _handle;
        }
    }

    /// <summary>
    /// Half of the id: enough to tell sessions apart in the memory of a process, and no secret, for nobody guesses the 128 bits of the
    /// other half.
    /// </summary>
    internal UInt128 Half => MemoryMarshal.Read<UInt128>(_secret);

    /// <summary>What <see cref="SessionTouches"/> knows of the session.</summary>
    internal NextTouch? NextTouch { get; set; }

    /// <summary>Makes a new random id.</summary>
    public static SessionId New()
    {
        Span<byte> bytes = stackalloc byte[ByteLength];
        RandomNumberGenerator.Fill(bytes);
        return new SessionId(bytes);
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

        // Fewer bytes come of white space, which the decoder passes over. And the last character carries two bits that belong to no byte:
        // only one of its four spellings is the id's own.
        Span<char> ending = stackalloc char[EndingLength];
        Base64Url.EncodeToChars(bytes[^2..], ending);
        if (!text.EndsWith(ending))
        {
            return false;
        }

        id = new SessionId(bytes);
        return true;
    }

    /// <summary>The secret text, 43 characters, to be sent to the client and to nobody else.</summary>
    public string Reveal() => Base64Url.EncodeToString(_secret);

    /// <inheritdoc/>
    public bool Equals(SessionId? other) => other is not null && Handle == other.Handle;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SessionId);

    /// <inheritdoc/>
    public override int GetHashCode() => Handle.GetHashCode();

    /// <summary>A placeholder: the secret never shows by accident. See <see cref="Reveal"/>.</summary>
    public override string ToString() => "SessionId(***)";

    // Bytes inside the object: an array would be an object of its own.
    [InlineArray(ByteLength)]
    private struct Secret
    {
        private byte _first;
    }
}
