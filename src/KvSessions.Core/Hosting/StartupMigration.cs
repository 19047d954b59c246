namespace KvSessions;

internal sealed class StartupMigration(Lazy<ISessionStore> store) : StartupStep
{
    public override Task StartingAsync(CancellationToken cancellationToken) =>
        store.Value is IMigratableSessionStore migratable
            ? migratable.MigrateUpAsync(cancellationToken)
            : Task.CompletedTask;
}
