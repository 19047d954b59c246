using System.Globalization;

namespace KvSessions.Stores.Conformance;

/// <summary>Times of a history in words: those that are the same have the same words, and no others.</summary>
internal static class HistoryTime
{
    /// <summary>A moment, given in ticks since the history began.</summary>
    public static string Moment(long? ticks) => ticks < 0 ? Span(ticks) : ticks is null ? "none" : $"+{Span(ticks)}";

    /// <summary>A duration in ticks.</summary>
    public static string Span(long? ticks) =>
        ticks is not { } given ? "none"
        : given % TimeSpan.TicksPerMinute == 0 ? string.Create(CultureInfo.InvariantCulture, $"{given / TimeSpan.TicksPerMinute} min")
        : TimeSpan.FromTicks(given).ToString("c", CultureInfo.InvariantCulture);
}
