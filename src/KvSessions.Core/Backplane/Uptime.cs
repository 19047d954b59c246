namespace KvSessions;

/// <summary>The time since the node started, which no correction of a clock moves.</summary>
internal sealed class Uptime(TimeProvider clock)
{
    private readonly long _start = clock.GetTimestamp();

    public TimeSpan Now => clock.GetElapsedTime(_start);
}
