using KvSessions.TestServers;

namespace KvSessions.Coherence.Tests.Backplanes;

/// <summary>A server that carries messages.</summary>
public abstract class BackplaneTarget : IAsyncLifetime
{
    public abstract TestServer Server { get; }

    /// <summary>How a node connects.</summary>
    public abstract string Connection { get; }

    /// <summary>How a node connects through a proxy.</summary>
    public abstract string Through(TcpProxy proxy);

    /// <summary>A backplane of one node, which disposes it.</summary>
    public abstract ISessionBackplane Connect(string connection, string channel);

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();
}
