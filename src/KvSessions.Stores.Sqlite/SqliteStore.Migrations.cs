using Microsoft.Extensions.Logging.Abstractions;

namespace KvSessions.Stores.Sqlite;

public sealed partial class SqliteStore
{
    /// <summary>
    /// Makes the database file if there is none (readable and writable by its owner only), and brings its session tables up to the
    /// newest version. Does nothing if they are there already; any number of processes may call it at once.
    /// </summary>
    /// <param name="ct">Cancels before the next migration; one that has begun is finished.</param>
    /// <exception cref="SessionStoreException">The schema is newer than this code or the file is no database (<see cref="SessionStoreError.Corrupt"/>), or the file cannot be written. Nothing was changed.</exception>
    public Task MigrateUpAsync(CancellationToken ct = default) => Task.Run(() => _migrator.Up(ct), ct);

    /// <summary>As <see cref="MigrateUpAsync(CancellationToken)"/>, for a file that no store has been made for.</summary>
    /// <param name="dataSource">The path or connection string; see <see cref="SqliteStoreOptions.DataSource"/>.</param>
    /// <param name="ct">Cancels before the next migration.</param>
    public static Task MigrateUpAsync(string dataSource, CancellationToken ct = default)
    {
        var migrator = MigratorOf(dataSource);
        return Task.Run(() => migrator.Up(ct), ct);
    }

    /// <inheritdoc/>
    public Task MigrateDownAsync(int targetVersion = 0, CancellationToken ct = default) => Task.Run(() => _migrator.Down(targetVersion, ct), ct);

    /// <summary>As <see cref="MigrateDownAsync(int, CancellationToken)"/>, for a file that no store has been made for.</summary>
    /// <param name="dataSource">The path or connection string; see <see cref="SqliteStoreOptions.DataSource"/>.</param>
    /// <param name="targetVersion">The version to go down to; 0 removes the session tables, sessions included.</param>
    /// <param name="ct">Cancels before the next migration.</param>
    public static Task MigrateDownAsync(string dataSource, int targetVersion = 0, CancellationToken ct = default)
    {
        var migrator = MigratorOf(dataSource);
        return Task.Run(() => migrator.Down(targetVersion, ct), ct);
    }

    /// <inheritdoc/>
    public Task<MigrationStatus> GetMigrationStatusAsync(CancellationToken ct = default) => Task.Run(_migrator.Status, ct);

    /// <summary>As <see cref="GetMigrationStatusAsync(CancellationToken)"/>, for a file that no store has been made for.</summary>
    /// <param name="dataSource">The path or connection string; see <see cref="SqliteStoreOptions.DataSource"/>.</param>
    /// <param name="ct">Cancels the call.</param>
    public static Task<MigrationStatus> GetMigrationStatusAsync(string dataSource, CancellationToken ct = default)
    {
        var migrator = MigratorOf(dataSource);
        return Task.Run(migrator.Status, ct);
    }

    private static Migrator MigratorOf(string dataSource) => new(new DatabaseFile(dataSource), NullLogger.Instance);
}
