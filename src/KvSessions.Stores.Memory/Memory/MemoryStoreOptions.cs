namespace KvSessions.Stores.Memory;

/// <summary>The settings of a <see cref="MemoryStore"/>.</summary>
public sealed class MemoryStoreOptions
{
    /// <summary>
    /// The most sessions to keep. 100,000 by default; from 1 to 100,000,000. One more ends others: expired ones first, then the
    /// anonymous ones that were not seen for longest, then the signed-in ones that were not seen for longest. What the sessions hold is
    /// not measured: <see cref="SessionLimits.MaxTotalBytes"/> times this number is the most memory that they can take.
    /// </summary>
    public int MaxSessions { get; set; } = 100_000;
}
