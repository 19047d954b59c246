namespace KvSessions;

/// <summary>What a cache knows about the writes of other nodes.</summary>
internal interface ICoherence
{
    /// <summary>Whether every write of another node reaches this one at the moment, so that entries may outlive the longest staleness.</summary>
    bool IsTrusted { get; }

    /// <summary>Tells the other nodes that a session has at least this version now; <see cref="long.MaxValue"/> for one that has ended.</summary>
    /// <remarks>Never fails: what could not be told makes the others distrust.</remarks>
    ValueTask AnnounceAsync(SessionHandle handle, long version);

    /// <summary>Says which cache hears of the others.</summary>
    void Attach(ICoherentCache cache);
}
