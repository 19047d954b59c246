using System.Security.Cryptography;

namespace KvSessions.Bench;

/// <summary>A session of nine keys and 700 bytes.</summary>
internal static class Payload
{
    private static readonly string[] Names = [.. Enumerable.Range(0, 9).Select(static i => $"key{i}")];

    public static SessionRecord NewRecord(DateTimeOffset now, TimeSpan idleTimeout) =>
        new()
        {
            Handle = new SessionHandle(RandomNumberGenerator.GetBytes(SessionHandle.ByteLength)),
            Version = 1,
            CreatedAt = now,
            LastSeenAt = now,
            Expiry = SessionExpiry.Idle(idleTimeout),
            Values = SessionValues.From(Names.Select(static name => KeyValuePair.Create(name, new ReadOnlyMemory<byte>(new byte[74])))),
        };
}
