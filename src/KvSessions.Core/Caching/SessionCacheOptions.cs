namespace KvSessions;

/// <summary>The settings of a cache in the memory of the process. They are checked when the host starts.</summary>
public sealed class SessionCacheOptions
{
    internal const string Name = "memory";

    /// <summary>
    /// How far the cache may be behind what other processes have written: for how long a session is answered from memory since the store was
    /// last asked about it. 10 seconds by default; from zero to 1 day. With zero the store is asked on every read, for the version only,
    /// where it is an <see cref="IVersionedSessionStore"/>.
    /// </summary>
    /// <remarks>
    /// While a backplane is connected, it tells of what others have written at once, and sessions are answered from memory for 30 times as
    /// long. What is written through this process is never seen late.
    /// </remarks>
    public TimeSpan MaxStaleness { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The most sessions to hold. 50,000 by default; from 10 to 10,000,000. What was not read for longest goes first.</summary>
    public int MaxEntries { get; set; } = 50_000;

    /// <summary>
    /// About how much memory the sessions may take, in bytes: their values, and an estimate of what goes with them. 64 MiB by default; at
    /// least 64 KiB. A session that would take more than an eighth of it is not held.
    /// </summary>
    public long MaxBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// Whether reads are answered from memory when the store is unavailable, and how long ago the store may have confirmed the session then.
    /// Zero by default: not at all; at most 1 day. A session that was ended elsewhere meanwhile is answered, too. Writes fail in any case.
    /// </summary>
    public TimeSpan ServeStaleWhenUnavailable { get; set; }
}
