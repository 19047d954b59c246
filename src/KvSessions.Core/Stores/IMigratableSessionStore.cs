namespace KvSessions;

/// <summary>A store whose schema comes in numbered versions.</summary>
public interface IMigratableSessionStore : ISessionStore
{
    /// <summary>Brings the schema up to the newest version that this code knows. Does nothing if it is there already; any number of nodes may call it at once.</summary>
    /// <exception cref="SessionStoreException">The schema is newer than this code (<see cref="SessionStoreError.Corrupt"/>), or the store failed. Nothing was changed.</exception>
    Task MigrateUpAsync(CancellationToken ct = default);

    /// <summary>Takes the schema down to <paramref name="targetVersion"/>; 0 removes it, sessions included.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="targetVersion"/> is negative or above the schema's version.</exception>
    /// <exception cref="SessionStoreException">The schema is newer than this code (<see cref="SessionStoreError.Corrupt"/>), or the store failed. Nothing was changed.</exception>
    Task MigrateDownAsync(int targetVersion = 0, CancellationToken ct = default);

    /// <summary>Tells where the schema stands.</summary>
    Task<MigrationStatus> GetMigrationStatusAsync(CancellationToken ct = default);
}

/// <summary>Where a schema stands.</summary>
/// <param name="Current">The version of the schema; 0 if there is none.</param>
/// <param name="Latest">The newest version that this code knows.</param>
public sealed record MigrationStatus(int Current, int Latest)
{
    /// <summary>Whether <see cref="IMigratableSessionStore.MigrateUpAsync"/> has something to do.</summary>
    public bool IsPending => Current < Latest;

    /// <summary>Whether a newer version of this code made the schema.</summary>
    public bool IsNewer => Current > Latest;
}
