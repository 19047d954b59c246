using KvSessions.TestServers;

namespace KvSessions.Faults.Tests;

/// <summary>A server that faults are done to: how applications reach it, and how it looks to somebody who is not in a hurry.</summary>
public abstract class Target : IAsyncLifetime
{
    /// <summary>What <see cref="PatientStore"/> and whoever else only looks on is called on the server.</summary>
    protected const string Observer = "observer";

    /// <summary>The server.</summary>
    public abstract TestServer Server { get; }

    /// <summary>How an application connects.</summary>
    public abstract string Connection { get; }

    /// <summary>How an application connects through a proxy.</summary>
    public abstract string Through(TcpProxy proxy);

    /// <summary>Gives an application the store, with the settings that it has by default.</summary>
    public abstract void AddStore(KvSessionsBuilder builder, string connection);

    /// <summary>A store that waits as long as it takes, of another node.</summary>
    public abstract ISubjectSessionStore PatientStore();

    /// <summary>Waits until the server has done everything that applications, all of them closed by now, have ever sent it.</summary>
    public abstract Task WaitUntilAloneAsync();

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();
}
