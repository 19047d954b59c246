using System.Security.Cryptography;

namespace KvSessions.Bench;

/// <summary>A session of nine keys and 700 bytes.</summary>
internal static class Payload
{
    public const int Bytes = 9 * ValueBytes;

    private const int ValueBytes = 74;

    private static readonly string[] Names = [.. Enumerable.Range(0, 9).Select(static i => $"key{i}")];

    /// <summary>Makes a session that lives for a day, or one that is over from the beginning: no clock has to be moved.</summary>
    public static SessionRecord NewRecord(bool isOver)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new SessionRecord
        {
            Handle = new SessionHandle(RandomNumberGenerator.GetBytes(SessionHandle.ByteLength)),
            Version = 1,
            CreatedAt = now,
            LastSeenAt = now,
            Expiry = SessionExpiry.Idle(TimeSpan.FromDays(1)) with { AbsoluteExpiresAt = isOver ? now : null },
            Values = SessionValues.From(Names.Select(static name => KeyValuePair.Create(name, NewValue()))),
        };
    }

    // Text, as JSON is; random, so that no database makes less of it than it would of real sessions.
    private static ReadOnlyMemory<byte> NewValue()
    {
        var value = new byte[ValueBytes];
        RandomNumberGenerator.GetItems("abcdefghijklmnopqrstuvwxyz0123456789"u8, value);
        return value;
    }
}
