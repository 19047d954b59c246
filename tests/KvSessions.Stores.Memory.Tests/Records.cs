using System.Text;

namespace KvSessions.Stores.Memory.Tests;

internal static class Records
{
    public static SessionRecord New(TimeProvider clock, string? subject = null, SessionExpiry? expiry = null) =>
        new()
        {
            Handle = SessionId.New().Handle,
            Version = 1,
            CreatedAt = clock.GetUtcNow(),
            LastSeenAt = clock.GetUtcNow(),
            Expiry = expiry ?? SessionExpiry.Idle(TimeSpan.FromMinutes(20)),
            Subject = subject,
        };

    public static SessionChanges Set(string key, string value) =>
        new() { Sets = new Dictionary<string, ReadOnlyMemory<byte>> { [key] = Encoding.UTF8.GetBytes(value) } };
}
