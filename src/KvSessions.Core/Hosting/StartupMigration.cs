using Microsoft.Extensions.Hosting;

namespace KvSessions;

internal sealed class StartupMigration(ISessionStore store) : IHostedLifecycleService
{
    // "Starting" comes before any hosted service has started, the web server included.
    public Task StartingAsync(CancellationToken cancellationToken) =>
        store is IMigratableSessionStore migratable
            ? migratable.MigrateUpAsync(cancellationToken)
            : throw new InvalidOperationException($"{store.GetType().Name} has no schema to migrate: remove MigrateOnStartup().");

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
