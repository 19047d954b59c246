namespace KvSessions.Core.Tests.Backplane;

/// <summary>The times of docs/decisions/0021-backplane-protocol.md, in seconds.</summary>
public sealed class BackplaneTimesTests
{
    [Theory]
    [InlineData(0.5, false, 2, 2, 5)]
    [InlineData(0.8, true, 0.1, 0.4, 5)]
    [InlineData(5, true, 0.625, 2.5, 5)]
    [InlineData(10, true, 1.25, 5, 10)]
    [InlineData(16, true, 2, 8, 16)]
    [InlineData(60, true, 2, 30, 60)]
    public void They_follow_from_the_staleness(double staleness, bool canTrust, double interval, double patience, double deafness)
    {
        var times = new BackplaneTimes(TimeSpan.FromSeconds(staleness));

        Assert.Equal(canTrust, times.CanTrust);
        Assert.Equal(TimeSpan.FromSeconds(interval), times.Interval);
        Assert.Equal(TimeSpan.FromSeconds(2 * interval), times.Settling);
        Assert.Equal(TimeSpan.FromSeconds(staleness / 2), times.Trust);
        Assert.Equal(TimeSpan.FromSeconds(patience), times.Patience);
        Assert.Equal(TimeSpan.FromSeconds(deafness), times.Deafness);
        Assert.Equal(TimeSpan.FromSeconds(15 + staleness), times.ForgetDoubtAfter);
    }
}
