using NpgsqlTypes;

namespace KvSessions.Stores.Postgres;

/// <summary>
/// Moments and durations as PostgreSQL has them: in microseconds, moments since 2000-01-01 UTC
/// (https://www.postgresql.org/docs/current/datatype-datetime.html).
/// </summary>
internal static class PostgresTime
{
    private static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly long First = ToMicroseconds(DateTimeOffset.MinValue);
    private static readonly long Last = ToMicroseconds(DateTimeOffset.MaxValue);

    public static long ToMicroseconds(DateTimeOffset moment)
    {
        var (microseconds, rest) = Math.DivRem(moment.UtcTicks - Epoch.UtcTicks, TimeSpan.TicksPerMicrosecond);
        return rest < 0 ? microseconds - 1 : microseconds;
    }

    /// <exception cref="ArgumentOutOfRangeException">It is no moment of .NET's, as infinity is none.</exception>
    public static DateTimeOffset ToMoment(long microseconds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(microseconds, First);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(microseconds, Last);
        return Epoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
    }

    // Up, so that nothing ends too early, and the shortest duration is not zero. Without days, which the server would count by its time zone.
    public static NpgsqlInterval ToInterval(TimeSpan duration) =>
        new(0, 0, (duration.Ticks + TimeSpan.TicksPerMicrosecond - 1) / TimeSpan.TicksPerMicrosecond);

    /// <exception cref="ArgumentException">It has days or months.</exception>
    public static TimeSpan ToDuration(NpgsqlInterval interval) =>
        interval is { Months: 0, Days: 0 }
            ? TimeSpan.FromTicks(checked(interval.Time * TimeSpan.TicksPerMicrosecond))
            : throw new ArgumentException("The interval has days or months.", nameof(interval));
}
