namespace KvSessions;

internal sealed class StartupMigration(Lazy<ISessionStore> store) : StartupStep
{
    public override async Task StartingAsync(CancellationToken cancellationToken)
    {
        foreach (var migratable in StoreChain.AllOf(store.Value).OfType<IMigratableSessionStore>())
        {
            await migratable.MigrateUpAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
