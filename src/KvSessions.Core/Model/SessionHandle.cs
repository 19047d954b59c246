using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace KvSessions;

/// <summary>
/// The SHA-256 of a <see cref="SessionId"/>: how stores, logs, lists and admin pages name a session.
/// Not a secret, and not enough to use the session.
/// </summary>
public readonly struct SessionHandle : IEquatable<SessionHandle>, IComparable<SessionHandle>, IParsable<SessionHandle>
{
    /// <summary>The length in bytes.</summary>
    public const int ByteLength = SHA256.HashSizeInBytes;

    /// <summary>The length of the text form in characters: unpadded base64url (RFC 4648, section 5).</summary>
    public const int TextLength = 43;

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    /// <summary>A handle from its 32 bytes, as a store kept them.</summary>
    /// <exception cref="ArgumentException"><paramref name="bytes"/> is not 32 bytes long.</exception>
    public SessionHandle(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != ByteLength)
        {
            throw new ArgumentException($"A session handle has {ByteLength} bytes, not {bytes.Length}.", nameof(bytes));
        }

        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        (_a, _b, _c, _d) = (words[0], words[1], words[2], words[3]);
    }

    internal static SessionHandle OfSecret(ReadOnlySpan<byte> secret)
    {
        Span<byte> hash = stackalloc byte[ByteLength];
        SHA256.HashData(secret, hash);
        return new SessionHandle(hash);
    }

    /// <summary>Reads the text form that <see cref="ToString"/> gives.</summary>
    /// <returns><see langword="false"/> when <paramref name="text"/> is not 43 characters of base64url; it never throws.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out SessionHandle handle)
    {
        handle = default;
        Span<byte> bytes = stackalloc byte[ByteLength];
        if (text.Length != TextLength
            || Base64Url.DecodeFromChars(text, bytes, out _, out var written) != OperationStatus.Done
            || written != ByteLength)
        {
            return false;
        }

        handle = new SessionHandle(bytes);
        return true;
    }

    /// <summary>Reads the text form, as <see cref="TryParse(ReadOnlySpan{char}, out SessionHandle)"/> does; for routes and forms.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out SessionHandle result) =>
        TryParse(s.AsSpan(), out result);

    /// <summary>Reads the text form that <see cref="ToString"/> gives.</summary>
    /// <exception cref="FormatException"><paramref name="s"/> is not 43 characters of base64url.</exception>
    public static SessionHandle Parse(string s, IFormatProvider? provider)
    {
        ArgumentNullException.ThrowIfNull(s);
        return TryParse(s, provider, out var handle) ? handle : throw new FormatException("This is no session handle: it has 43 characters of base64url.");
    }

    /// <summary>Writes the 32 bytes to the start of <paramref name="destination"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than 32 bytes.</exception>
    public void CopyTo(Span<byte> destination) => AsBytes(in this).CopyTo(destination);

    /// <summary>The 32 bytes, in an array of the caller's own.</summary>
    public byte[] ToByteArray() => AsBytes(in this).ToArray();

    /// <inheritdoc/>
    public bool Equals(SessionHandle other) => _a == other._a && _b == other._b && _c == other._c && _d == other._d;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SessionHandle other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _a.GetHashCode();

    /// <summary>Orders handles by their bytes, so that any two stores list them alike.</summary>
    public int CompareTo(SessionHandle other) => AsBytes(in this).SequenceCompareTo(AsBytes(in other));

    /// <summary>The text form: 43 characters of base64url.</summary>
    public override string ToString() => Base64Url.EncodeToString(AsBytes(in this));

    /// <summary>Whether two handles name the same session.</summary>
    public static bool operator ==(SessionHandle left, SessionHandle right) => left.Equals(right);

    /// <summary>Whether two handles name different sessions.</summary>
    public static bool operator !=(SessionHandle left, SessionHandle right) => !left.Equals(right);

    /// <summary>Whether <paramref name="left"/> comes before <paramref name="right"/>; see <see cref="CompareTo"/>.</summary>
    public static bool operator <(SessionHandle left, SessionHandle right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> comes before <paramref name="right"/> or is it; see <see cref="CompareTo"/>.</summary>
    public static bool operator <=(SessionHandle left, SessionHandle right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> comes after <paramref name="right"/>; see <see cref="CompareTo"/>.</summary>
    public static bool operator >(SessionHandle left, SessionHandle right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> comes after <paramref name="right"/> or is it; see <see cref="CompareTo"/>.</summary>
    public static bool operator >=(SessionHandle left, SessionHandle right) => left.CompareTo(right) >= 0;

    private static ReadOnlySpan<byte> AsBytes(in SessionHandle handle) =>
        MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in handle, 1));
}
