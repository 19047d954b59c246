namespace KvSessions.Core.Tests;

internal static class Records
{
    public static readonly DateTimeOffset T0 = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    public static SessionRecord New(SessionExpiry? expiry = null, string? subject = null, params (string Key, byte[] Value)[] values) =>
        new()
        {
            Handle = SessionId.New().Handle,
            Version = 1,
            CreatedAt = T0,
            LastSeenAt = T0,
            Expiry = expiry ?? SessionExpiry.Idle(TimeSpan.FromMinutes(20)),
            Subject = subject,
            Values = Values(values),
        };

    public static SessionValues Values(params (string Key, byte[] Value)[] values) =>
        SessionValues.From(values.Select(static entry => KeyValuePair.Create(entry.Key, (ReadOnlyMemory<byte>)entry.Value)));

    public static SessionChanges Sets(string key, params byte[] value) =>
        new() { Sets = new Dictionary<string, ReadOnlyMemory<byte>> { [key] = value } };
}
