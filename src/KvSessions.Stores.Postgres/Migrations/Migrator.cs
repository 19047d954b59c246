using Microsoft.Extensions.Logging;
using Npgsql;

namespace KvSessions.Stores.Postgres;

/// <summary>Takes the schema up and down, each migration in a transaction of its own, one node at a time.</summary>
internal sealed class Migrator(Database database, MigrationScript script, bool unlogged, ILogger logger)
{
    // Where many nodes start at once, each of them may wait for its turn to connect.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private TableNames Names => database.Names;

    public async Task<MigrationStatus> StatusAsync(CancellationToken ct) =>
        new(await OnConnectionAsync(ReadVersionAsync, ct).ConfigureAwait(false), Migration.Latest);

    public async Task UpAsync(CancellationToken ct)
    {
        // Asked first without a lock, so that a role that may not migrate can start where there is nothing to do.
        var current = (await StatusAsync(ct).ConfigureAwait(false)).Current;
        Schema.ThrowIfNewer(Names, current);
        foreach (var migration in Migration.All.Where(migration => migration.Number > current))
        {
            if (await MigrateAsync(version => version < migration.Number, script.Up(migration), ct).ConfigureAwait(false))
            {
                PostgresStoreLog.MigratedUp(logger, Names.Plain, migration.Number);
                if (unlogged && migration.Number == Migration.All[0].Number)
                {
                    PostgresStoreLog.MadeUnlogged(logger, Names.Plain);
                }
            }
        }
    }

    public async Task DownAsync(int target, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(target);
        var current = (await StatusAsync(ct).ConfigureAwait(false)).Current;
        Schema.ThrowIfNewer(Names, current);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(target, current);
        foreach (var migration in Migration.All.Where(migration => migration.Number > target && migration.Number <= current).Reverse())
        {
            if (await MigrateAsync(version => version == migration.Number, script.Down(migration), ct).ConfigureAwait(false))
            {
                PostgresStoreLog.MigratedDown(logger, Names.Plain, migration.Number);
            }
        }
    }

    private Task<bool> MigrateAsync(Func<int, bool> isDue, string statements, CancellationToken ct) =>
        OnConnectionAsync(
            async (connection, ct) =>
            {
                var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.ReadCommitted, ct).ConfigureAwait(false);
                await using (transaction.ConfigureAwait(false))
                {
                    await ExecuteAsync(connection, script.LockStatement, ct).ConfigureAwait(false);

                    // Asked again, now that nobody else can change it: another node may have been faster.
                    var version = await ReadVersionAsync(connection, ct).ConfigureAwait(false);
                    Schema.ThrowIfNewer(Names, version);
                    if (!isDue(version))
                    {
                        return false;
                    }

                    await ExecuteAsync(connection, statements, ct).ConfigureAwait(false);
                    await transaction.CommitAsync(ct).ConfigureAwait(false);
                    return true;
                }
            },
            ct);

    // Two statements and not one: an error would end the transaction, so whether there is a table is asked first. Not of to_regclass, which
    // may answer from what this connection knew before it waited for the lock.
    private async Task<int> ReadVersionAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        using var exists = Command(
            connection,
            "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2)");
        exists.Parameters.AddText(Names.Schema);
        exists.Parameters.AddText(Names.VersionTable);
        if (!(bool)(await exists.ExecuteScalarAsync(ct).ConfigureAwait(false))!)
        {
            return 0;
        }

        using var read = Command(connection, Schema.VersionStatement(Names));
        return (int)(await read.ExecuteScalarAsync(ct).ConfigureAwait(false))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string statements, CancellationToken ct)
    {
        using var command = Command(connection, statements);
        await command.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
    }

    // Another node may be in the middle of a long migration, which is worth waiting for.
    private static NpgsqlCommand Command(NpgsqlConnection connection, string text) => new(text, connection) { CommandTimeout = 0 };

    private async Task<T> OnConnectionAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> use, CancellationToken ct)
    {
        var connection = await database.OpenAsync(Patience, ct).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            try
            {
                return await use(connection, ct).ConfigureAwait(false);
            }
            catch (NpgsqlException exception)
            {
                throw database.Fault(exception, StatementKind.Migration, ct);
            }
        }
    }
}
