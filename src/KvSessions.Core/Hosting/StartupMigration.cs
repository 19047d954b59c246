using Microsoft.Extensions.Hosting;

namespace KvSessions;

internal sealed class StartupMigration(Lazy<ISessionStore> store) : IHostedLifecycleService
{
    // "Starting" comes before any hosted service has started, the web server included.
    public Task StartingAsync(CancellationToken cancellationToken) =>
        store.Value is IMigratableSessionStore migratable
            ? migratable.MigrateUpAsync(cancellationToken)
            : Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
