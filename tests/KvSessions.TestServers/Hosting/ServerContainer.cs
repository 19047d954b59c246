using System.Diagnostics;
using Docker.DotNet;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Containers;

namespace KvSessions.TestServers.Hosting;

/// <summary>A server in a container. Testcontainers creates and removes it; what happens to it in between is said to the engine itself.</summary>
/// <param name="engine">The engine.</param>
/// <param name="container">The container, not started yet, with the port bound to one of the host for good.</param>
/// <param name="port">That port of the host.</param>
/// <param name="stop">The signal that asks the server to end.</param>
internal sealed class ServerContainer(IDockerClient engine, IContainer container, int port, Signal stop) : ServerHost
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(30);

    private bool _created;

    public override string Origin => $"container of {container.Image.FullName}";

    public override string Address => container.Hostname;

    public override int Port => port;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_created)
        {
            await engine.Containers.StartContainerAsync(container.Id, new(), cancellationToken);
        }
        else
        {
            await container.StartAsync(cancellationToken);
            _created = true;
        }
    }

    public override Task StopAsync(CancellationToken cancellationToken) => EndAsync(stop, cancellationToken);

    public override Task KillAsync(CancellationToken cancellationToken) => EndAsync(Signal.Kill, cancellationToken);

    public override Task PauseAsync(CancellationToken cancellationToken) => engine.Containers.PauseContainerAsync(container.Id, cancellationToken);

    public override Task ResumeAsync(CancellationToken cancellationToken) => engine.Containers.UnpauseContainerAsync(container.Id, cancellationToken);

    public override async Task<string> ReadLogAsync(CancellationToken cancellationToken)
    {
        var (output, errors) = await container.GetLogsAsync(ct: cancellationToken);
        return output + errors;
    }

    public override async Task<bool> HasEndedAsync(CancellationToken cancellationToken) =>
        (await engine.Containers.InspectContainerAsync(container.Id, cancellationToken)).State is { Running: false };

    public override ValueTask DisposeAsync() => container.DisposeAsync();

    private async Task EndAsync(Signal signal, CancellationToken cancellationToken)
    {
        await engine.Containers.KillContainerAsync(container.Id, new ContainerKillParameters { Signal = $"{(int)signal}" }, cancellationToken);
        for (var waited = Stopwatch.StartNew(); !await HasEndedAsync(cancellationToken); await Task.Delay(PollInterval, cancellationToken))
        {
            if (waited.Elapsed > StopDeadline)
            {
                throw new TestServersException($"The {Origin} has not ended within {StopDeadline.TotalSeconds:0} seconds.");
            }
        }
    }
}
