namespace KvSessions;

internal enum BackplaneMessageKind : byte
{
    /// <summary>These sessions have at least these versions now.</summary>
    Outdated = 1,

    /// <summary>Nothing new: the node is there, and everything that it had to say before this has been sent.</summary>
    Heartbeat = 2,

    /// <summary>Anything may have changed: the node has failed to send something.</summary>
    Flush = 3,
}
