using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace KvSessions.Stores.Redis;

/// <summary>
/// The names of the keys: <c>prefix/s/handle</c> for a session, <c>prefix/u/owner</c> for the index of a subject's sessions, where the
/// owner is a hash of the subject: names of keys show in logs of the server and in exceptions of the driver.
/// </summary>
internal sealed class KeyNames(string prefix)
{
    /// <summary>The length of an owner in characters: 128 bits of base64url.</summary>
    private const int OwnerLength = 22;
    private const int OwnerBytes = 16;

    private readonly byte[] _sessions = Encoding.ASCII.GetBytes($"{prefix}/s/");
    private readonly byte[] _indexes = Encoding.ASCII.GetBytes($"{prefix}/u/");

    /// <summary>What all names begin with.</summary>
    public RedisValue Root { get; } = Encoding.ASCII.GetBytes($"{prefix}/");

    /// <summary>Whether a hash tag puts all keys into one slot of a cluster (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags).</summary>
    public bool HasHashTag { get; } = prefix.IndexOf('{') is >= 0 and var open && prefix.IndexOf('}', open) > open + 1;

    public RedisKey Session(SessionHandle handle)
    {
        var name = new byte[_sessions.Length + SessionHandle.TextLength];
        _sessions.CopyTo(name, 0);
        WriteHandle(handle, name.AsSpan(_sessions.Length));
        return name;
    }

    public RedisKey Index(ReadOnlySpan<byte> owner) => (byte[])[.. _indexes, .. owner];

    public RedisKey IndexOf(string subject) => Index(Owner(subject));

    /// <summary>A handle as a member of an index.</summary>
    public static byte[] Member(SessionHandle handle)
    {
        var member = new byte[SessionHandle.TextLength];
        WriteHandle(handle, member);
        return member;
    }

    public static byte[] Owner(string subject)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(subject), hash);
        var owner = new byte[OwnerLength];
        Base64Url.EncodeToUtf8(hash[..OwnerBytes], owner);
        return owner;
    }

    private static void WriteHandle(SessionHandle handle, Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[SessionHandle.ByteLength];
        handle.CopyTo(bytes);
        Base64Url.EncodeToUtf8(bytes, destination);
    }
}
