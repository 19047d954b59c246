namespace KvSessions;

/// <summary>A cache that is told about the writes of other nodes.</summary>
internal interface ICoherentCache
{
    /// <summary>Whether a write of this node may yet be applied of which it was told nothing.</summary>
    bool IsInDoubt { get; }

    /// <summary>Another node has brought the session to this version, or ended it (<see cref="long.MaxValue"/>).</summary>
    void Outdate(SessionHandle handle, long version);

    /// <summary>Writes may have been missed: nothing that is held may be served without asking the store.</summary>
    void Flush();
}
