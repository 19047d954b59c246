namespace KvSessions;

/// <summary>
/// How long a session may go without a touch being written: a fraction of its idle timeout, and no longer than an hour, so that "last
/// seen" means something for long-lived sessions too.
/// </summary>
internal static class TouchInterval
{
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>The interval of a session with this idle timeout. It is stored longer by just that much.</summary>
    public static TimeSpan OfAsked(TimeSpan idle, double fraction) => NoLonger(idle * fraction);

    /// <summary>The same interval, from the idle timeout as it is stored.</summary>
    public static TimeSpan OfStored(TimeSpan stored, double fraction) => NoLonger(stored * (fraction / (1 + fraction)));

    private static TimeSpan NoLonger(TimeSpan interval) => interval < Longest ? interval : Longest;
}
