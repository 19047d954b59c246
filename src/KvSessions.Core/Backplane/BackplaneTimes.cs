namespace KvSessions;

/// <summary>The times of the protocol, which follow from how stale an entry may become: docs/decisions/0021-backplane-protocol.md.</summary>
internal sealed class BackplaneTimes
{
    /// <summary>The shortest staleness with which a backplane can be trusted: below it, heartbeats would come too seldom for that.</summary>
    public static readonly TimeSpan ShortestStaleness = HeartbeatsPerStaleness * ShortestInterval;

    /// <summary>For how long a node that has fallen silent, or what it says and nobody understands, keeps the others from trusting.</summary>
    public static readonly TimeSpan ForgetAfter = TimeSpan.FromHours(1);

    /// <summary>How long an announcement holds up the request that makes it.</summary>
    public static readonly TimeSpan SoftDeadline = TimeSpan.FromMilliseconds(50);

    private const int HeartbeatsPerStaleness = 8;

    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(2);

    public BackplaneTimes(TimeSpan maxStaleness)
    {
        CanTrust = maxStaleness >= ShortestStaleness;
        Interval = CanTrust && maxStaleness / HeartbeatsPerStaleness is var interval && interval < LongestInterval ? interval : LongestInterval;
        Trust = maxStaleness / 2;
        Settling = 2 * Interval;
        Patience = CanTrust ? Trust : LongestInterval;
        ForgetDoubtAfter = SessionCache.DoubtPeriod + maxStaleness;
        Deafness = maxStaleness > ShortestDeafness ? maxStaleness : ShortestDeafness;
    }

    /// <summary>Whether there is a point in trusting at all.</summary>
    public bool CanTrust { get; }

    /// <summary>From one heartbeat to the next.</summary>
    public TimeSpan Interval { get; }

    /// <summary>How long ago the newest proof may be that messages arrive.</summary>
    public TimeSpan Trust { get; }

    /// <summary>How long to listen before trusting: every node that is there has been heard by then.</summary>
    public TimeSpan Settling { get; }

    /// <summary>How long a message may be under way to the backplane before it counts as failed.</summary>
    public TimeSpan Patience { get; }

    /// <summary>How long none of the own messages may come back before listening is started anew.</summary>
    public TimeSpan Deafness { get; }

    /// <summary>For how long a node that has stopped while writes of its own might yet be applied keeps the others from trusting.</summary>
    public TimeSpan ForgetDoubtAfter { get; }

    private static TimeSpan ShortestInterval => TimeSpan.FromMilliseconds(100);

    private static TimeSpan ShortestDeafness => TimeSpan.FromSeconds(5);
}
