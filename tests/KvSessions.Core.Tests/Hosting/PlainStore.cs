namespace KvSessions.Core.Tests.Hosting;

/// <summary>A store that has none of the capabilities, and nothing in it.</summary>
public class PlainStore : ISessionStore, IDisposable
{
    public bool IsDisposed { get; private set; }

    public ValueTask<SessionRecord?> LoadAsync(SessionHandle handle, CancellationToken ct = default) => new((SessionRecord?)null);

    public ValueTask<bool> CreateAsync(SessionRecord record, CancellationToken ct = default) => new(true);

    public ValueTask<SaveResult> SaveAsync(SessionHandle handle, SessionChanges changes, CancellationToken ct = default) => new(SaveResult.Gone);

    public ValueTask<bool> DeleteAsync(SessionHandle handle, CancellationToken ct = default) => new(false);

    public ValueTask<SaveResult> RenewAsync(SessionHandle old, SessionRecord renewed, CancellationToken ct = default) => new(SaveResult.Gone);

    public void Dispose()
    {
        IsDisposed = true;
        GC.SuppressFinalize(this);
    }
}

/// <summary>The same with a schema.</summary>
public sealed class MigratableStore : PlainStore, IMigratableSessionStore
{
    public int Migrations { get; private set; }

    public Task MigrateUpAsync(CancellationToken ct = default)
    {
        Migrations++;
        return Task.CompletedTask;
    }

    public Task MigrateDownAsync(int targetVersion = 0, CancellationToken ct = default) => Task.CompletedTask;

    public Task<MigrationStatus> GetMigrationStatusAsync(CancellationToken ct = default) => Task.FromResult(new MigrationStatus(0, 1));
}
