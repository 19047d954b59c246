namespace KvSessions;

/// <summary>The settings of a store that serves as a cache. They are checked when the host starts.</summary>
public sealed class SharedCacheOptions
{
    /// <summary>
    /// How long the cache keeps what it was given last of a session, by its own clock. 10 seconds by default; from 1 second to 1 day. Nodes
    /// that share the cache find each other's writes in it at once; where a node could not reach it after a write, the others may see what
    /// was before for this long.
    /// </summary>
    public TimeSpan MaxStaleness { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a call waits for the cache before it goes on without it. 50 milliseconds by default; from 1 millisecond to 10 seconds. After
    /// five failures in a row the cache is left alone for a second.
    /// </summary>
    public TimeSpan SoftDeadline { get; set; } = TimeSpan.FromMilliseconds(50);
}
