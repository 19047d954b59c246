using StackExchange.Redis;

namespace KvSessions.Stores.Redis;

/// <summary>Times as the scripts have them: whole milliseconds, and nothing for none.</summary>
internal static class Moments
{
    /// <summary>The number of arguments that an expiry takes.</summary>
    public const int ExpiryArguments = 4;

    public static RedisValue ToArgument(DateTimeOffset? moment) =>
        moment is { } value ? value.ToUnixTimeMilliseconds() : RedisValue.EmptyString;

    // Rounded up: a session never ends before its time.
    public static RedisValue ToArgument(TimeSpan? duration) =>
        duration is { } value ? (value.Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond : RedisValue.EmptyString;

    public static void Write(SessionExpiry? expiry, Span<RedisValue> arguments)
    {
        arguments[0] = ToArgument(expiry?.IdleTimeout);
        arguments[1] = ToArgument(expiry?.Lifetime);
        arguments[2] = ToArgument(expiry?.AbsoluteExpiresAt);
        arguments[3] = expiry is { IsPersistent: true } ? 1 : 0;
    }
}
