using System.Security.Cryptography;

namespace KvSessions.Bench;

/// <summary>A session of nine keys and 700 bytes.</summary>
internal static class Payload
{
    public static readonly IReadOnlyList<string> Names = [.. Enumerable.Range(0, 9).Select(static i => $"key{i}")];

    public static byte[] NewBlob() => new byte[700];

    public static SessionHandle NewHandle() => new(RandomNumberGenerator.GetBytes(SessionHandle.ByteLength));

    public static SessionRecord NewRecord(SessionHandle handle) =>
        new()
        {
            Handle = handle,
            Version = 1,
            CreatedAt = DateTimeOffset.UtcNow,
            LastSeenAt = DateTimeOffset.UtcNow,
            Expiry = SessionExpiry.Idle(TimeSpan.FromDays(1)),
            Values = SessionValues.From(Names.Select(static name => KeyValuePair.Create(name, new ReadOnlyMemory<byte>(new byte[74])))),
        };

    /// <summary>What a request that sets one key saves.</summary>
    public static SessionChanges NewChanges() =>
        new() { Sets = new Dictionary<string, ReadOnlyMemory<byte>> { [Names[1]] = new byte[74] } };
}
