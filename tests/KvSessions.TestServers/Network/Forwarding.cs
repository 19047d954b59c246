namespace KvSessions.TestServers;

/// <summary>What a <see cref="TcpProxy"/> does with what arrives in one direction.</summary>
public enum Forwarding
{
    /// <summary>It goes on to the other side.</summary>
    On = 0,

    /// <summary>It waits in the proxy, and goes on after <see cref="TcpProxy.Heal"/>.</summary>
    Held = 1,

    /// <summary>It is read and thrown away. The connection is of no use afterwards: <see cref="TcpProxy.Heal"/> resets it.</summary>
    Dropped = 2,
}
