using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace KvSessions.AspNetCore;

/// <summary>Signs cookie values: <c>value.signature</c>, the signature being HMAC-SHA256 over the cookie's name and value, as base64url.</summary>
internal sealed class CookieSignature
{
    /// <summary>The length of what <see cref="Sign"/> makes of an id.</summary>
    public const int SignedLength = 2 * SessionId.TextLength + 1;

    private readonly byte[][] _secrets;
    private readonly string _name;

    private CookieSignature(SessionCookieOptions options)
    {
        _secrets = [.. options.Secrets.Select(Encoding.UTF8.GetBytes)];
        _name = options.Name;
    }

    public static CookieSignature? Create(SessionCookieOptions options) => options.Secrets.Count == 0 ? null : new(options);

    public string Sign(string value) => $"{value}.{Base64Url.EncodeToString(Compute(_secrets[0], value))}";

    /// <summary>Takes the signature off a value, if one of the secrets made it.</summary>
    public bool TryVerify(ref ReadOnlySpan<char> signed)
    {
        var dot = signed.IndexOf('.');
        if (dot != SessionId.TextLength || signed.Length != SignedLength)
        {
            return false;
        }

        Span<byte> signature = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (Base64Url.DecodeFromChars(signed[(dot + 1)..], signature, out _, out var written) != OperationStatus.Done
            || written != signature.Length)
        {
            return false;
        }

        var value = signed[..dot];
        foreach (var secret in _secrets)
        {
            if (CryptographicOperations.FixedTimeEquals(signature, Compute(secret, value)))
            {
                signed = value;
                return true;
            }
        }

        return false;
    }

    private byte[] Compute(byte[] secret, ReadOnlySpan<char> value) =>
        HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes($"{_name}={value}"));
}
