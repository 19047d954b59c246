using Microsoft.Extensions.Hosting;

namespace KvSessions;

/// <summary>Lets the host stop only when the touches under way have ended: the store is still there then.</summary>
internal sealed class TouchDrain(Lazy<SessionTouches> touches) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) =>
        touches.IsValueCreated ? touches.Value.DrainAsync().WaitAsync(cancellationToken) : Task.CompletedTask;
}
