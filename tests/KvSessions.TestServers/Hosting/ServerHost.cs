namespace KvSessions.TestServers.Hosting;

/// <summary>Where a server runs, whatever server it is. Starting does not wait for it to be ready.</summary>
internal abstract class ServerHost : IAsyncDisposable
{
    /// <summary>Which way the server came, for people.</summary>
    public abstract string Origin { get; }

    public abstract string Address { get; }

    public abstract int Port { get; }

    /// <summary>Starts it, the first time or again: same data, same port.</summary>
    public abstract Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Ends it as it likes to be ended, and waits until it has.</summary>
    public abstract Task StopAsync(CancellationToken cancellationToken);

    /// <summary>Ends it with SIGKILL, every process of it, and waits until all are gone.</summary>
    public abstract Task KillAsync(CancellationToken cancellationToken);

    public abstract Task PauseAsync(CancellationToken cancellationToken);

    public abstract Task ResumeAsync(CancellationToken cancellationToken);

    public abstract Task<string> ReadLogAsync(CancellationToken cancellationToken);

    /// <summary>Whether it has ended by itself, so that waiting for it is in vain.</summary>
    public abstract Task<bool> HasEndedAsync(CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}
