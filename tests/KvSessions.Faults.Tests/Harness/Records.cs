namespace KvSessions.Faults.Tests;

internal static class Records
{
    public static SessionRecord New(string? subject = null)
    {
        // To the millisecond, as every store keeps it.
        var now = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        return new()
        {
            Handle = SessionId.New().Handle,
            Version = 1,
            CreatedAt = now,
            LastSeenAt = now,
            Expiry = SessionExpiry.Idle(TimeSpan.FromHours(12)),
            Subject = subject,
        };
    }
}
