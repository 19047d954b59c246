using Npgsql;

namespace KvSessions.Stores.Postgres;

public sealed partial class PostgresStore
{
    /// <summary>
    /// Brings the tables of the sessions up to the newest version, each migration in a transaction of its own. Does nothing if they are
    /// there already; any number of nodes may call it at once. A role that may not make tables may call it where there is nothing to do.
    /// </summary>
    /// <param name="ct">Cancels the migration that runs, which is then rolled back, and those after it.</param>
    /// <exception cref="SessionStoreException">The schema is newer than this code (<see cref="SessionStoreError.Corrupt"/>), or the role may not make tables, or the server failed.</exception>
    public Task MigrateUpAsync(CancellationToken ct = default) => _migrator.UpAsync(ct);

    /// <inheritdoc/>
    public Task MigrateDownAsync(int targetVersion = 0, CancellationToken ct = default) => _migrator.DownAsync(targetVersion, ct);

    /// <inheritdoc/>
    public Task<MigrationStatus> GetMigrationStatusAsync(CancellationToken ct = default) => _migrator.StatusAsync(ct);

    /// <summary>As <see cref="MigrateUpAsync(CancellationToken)"/>, for a database that no store has been made for, and with the default names.</summary>
    /// <param name="connectionString">A connection string of Npgsql.</param>
    /// <param name="ct">Cancels the migration that runs.</param>
    public static Task MigrateUpAsync(string connectionString, CancellationToken ct = default) =>
        WithStoreAsync(Options(connectionString), store => store.MigrateUpAsync(ct));

    /// <summary>As <see cref="MigrateUpAsync(CancellationToken)"/>, for a data source that no store has been made for, and with the default names.</summary>
    /// <param name="dataSource">The data source, which is not disposed.</param>
    /// <param name="ct">Cancels the migration that runs.</param>
    public static Task MigrateUpAsync(NpgsqlDataSource dataSource, CancellationToken ct = default) =>
        WithStoreAsync(Options(dataSource), store => store.MigrateUpAsync(ct));

    /// <summary>As <see cref="MigrateDownAsync(int, CancellationToken)"/>, for a database that no store has been made for, and with the default names.</summary>
    /// <param name="connectionString">A connection string of Npgsql.</param>
    /// <param name="targetVersion">The version to go down to; 0 removes the tables, sessions included.</param>
    /// <param name="ct">Cancels the migration that runs.</param>
    public static Task MigrateDownAsync(string connectionString, int targetVersion = 0, CancellationToken ct = default) =>
        WithStoreAsync(Options(connectionString), store => store.MigrateDownAsync(targetVersion, ct));

    /// <summary>As <see cref="MigrateDownAsync(int, CancellationToken)"/>, for a data source that no store has been made for, and with the default names.</summary>
    /// <param name="dataSource">The data source, which is not disposed.</param>
    /// <param name="targetVersion">The version to go down to; 0 removes the tables, sessions included.</param>
    /// <param name="ct">Cancels the migration that runs.</param>
    public static Task MigrateDownAsync(NpgsqlDataSource dataSource, int targetVersion = 0, CancellationToken ct = default) =>
        WithStoreAsync(Options(dataSource), store => store.MigrateDownAsync(targetVersion, ct));

    /// <summary>As <see cref="GetMigrationStatusAsync(CancellationToken)"/>, for a database that no store has been made for, and with the default names.</summary>
    /// <param name="connectionString">A connection string of Npgsql.</param>
    /// <param name="ct">Cancels the call.</param>
    public static Task<MigrationStatus> GetMigrationStatusAsync(string connectionString, CancellationToken ct = default) =>
        WithStoreAsync(Options(connectionString), store => store.GetMigrationStatusAsync(ct));

    /// <summary>As <see cref="GetMigrationStatusAsync(CancellationToken)"/>, for a data source that no store has been made for, and with the default names.</summary>
    /// <param name="dataSource">The data source, which is not disposed.</param>
    /// <param name="ct">Cancels the call.</param>
    public static Task<MigrationStatus> GetMigrationStatusAsync(NpgsqlDataSource dataSource, CancellationToken ct = default) =>
        WithStoreAsync(Options(dataSource), store => store.GetMigrationStatusAsync(ct));

    /// <summary>
    /// What <see cref="MigrateUpAsync(CancellationToken)"/> runs, as a script for whoever may make tables: a transaction for each
    /// migration, under the same lock. Run it so that it stops at the first error, as <c>psql -v ON_ERROR_STOP=1</c> does.
    /// </summary>
    /// <param name="options">The names, and whether the table is unlogged; the rest of the options does not matter. The defaults if <see langword="null"/>.</param>
    /// <param name="fromVersion">The version that the schema has, from 0 to the newest.</param>
    /// <exception cref="ArgumentException">A name is not allowed, or the version is unknown.</exception>
    public static string GetMigrateUpScript(PostgresStoreOptions? options = null, int fromVersion = 0) => ScriptOf(options, fromVersion).Up(fromVersion);

    /// <summary>What <see cref="MigrateDownAsync(int, CancellationToken)"/> runs on the newest schema, as a script.</summary>
    /// <param name="options">The names; the rest of the options does not matter. The defaults if <see langword="null"/>.</param>
    /// <param name="targetVersion">The version to go down to, from 0 to the newest; 0 removes the tables, sessions included.</param>
    /// <exception cref="ArgumentException">A name is not allowed, or the version is unknown.</exception>
    public static string GetMigrateDownScript(PostgresStoreOptions? options = null, int targetVersion = 0) =>
        ScriptOf(options, targetVersion).Down(targetVersion);

    private static MigrationScript ScriptOf(PostgresStoreOptions? options, int version)
    {
        options ??= new PostgresStoreOptions();
        PostgresStoreOptionsValidator.ThrowIfInvalidNames(options);
        ArgumentOutOfRangeException.ThrowIfNegative(version);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(version, Migration.Latest);
        return new MigrationScript(new TableNames(options.Schema, options.Table), options.Unlogged);
    }

    private static PostgresStoreOptions Options(string connectionString)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        return new() { ConnectionString = connectionString };
    }

    private static PostgresStoreOptions Options(NpgsqlDataSource dataSource)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        return new() { DataSource = dataSource };
    }

    private static async Task WithStoreAsync(PostgresStoreOptions options, Func<PostgresStore, Task> use) =>
        await WithStoreAsync(
            options,
            async store =>
            {
                await use(store).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);

    private static async Task<T> WithStoreAsync<T>(PostgresStoreOptions options, Func<PostgresStore, Task<T>> use)
    {
        var store = new PostgresStore(options);
        await using (store.ConfigureAwait(false))
        {
            return await use(store).ConfigureAwait(false);
        }
    }
}
