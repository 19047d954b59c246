namespace KvSessions.TestServers.Hosting;

/// <summary>A running server that an environment variable names. It belongs to somebody else: it is neither stopped nor paused.</summary>
internal sealed class NamedServer(string variable, string address, int port) : ServerHost
{
    public override string Origin => $"named by {variable}";

    public override string Address => address;

    public override int Port => port;

    public override Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override Task StopAsync(CancellationToken cancellationToken) => throw NotOurs();

    public override Task KillAsync(CancellationToken cancellationToken) => throw NotOurs();

    public override Task PauseAsync(CancellationToken cancellationToken) => throw NotOurs();

    public override Task ResumeAsync(CancellationToken cancellationToken) => throw NotOurs();

    public override Task<string> ReadLogAsync(CancellationToken cancellationToken) => throw NotOurs();

    public override Task<bool> HasEndedAsync(CancellationToken cancellationToken) => Task.FromResult(false);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private InvalidOperationException NotOurs() =>
        new($"The server that {variable} names belongs to somebody else. A test that stops its server or reads its log starts one of its own (StartOwnAsync).");
}
