namespace KvSessions.Stores.Conformance.Tests;

public sealed class HistoryTimeTests
{
    [Theory]
    [InlineData(null, "none", "none")]
    [InlineData(0L, "+0 min", "0 min")]
    [InlineData(3 * TimeSpan.TicksPerMinute, "+3 min", "3 min")]
    [InlineData(-2 * TimeSpan.TicksPerMinute, "-2 min", "-2 min")]
    [InlineData((3 * TimeSpan.TicksPerMinute) + 1, "+00:03:00.0000001", "00:03:00.0000001")]
    [InlineData(-1L, "-00:00:00.0000001", "-00:00:00.0000001")]
    public void Times_are_told_in_minutes_and_otherwise_to_the_tick(long? ticks, string moment, string span) =>
        Assert.Equal((moment, span), (HistoryTime.Moment(ticks), HistoryTime.Span(ticks)));
}
