using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace KvSessions.Stores.Sqlite;

/// <summary>Takes the schema of a file up and down, each migration in a transaction of its own.</summary>
internal sealed class Migrator(DatabaseFile file, ILogger logger)
{
    // Another process may be in the middle of the same migration, which is worth waiting for, however short the waits of requests are.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public MigrationStatus Status()
    {
        if (!file.Exists)
        {
            return new MigrationStatus(0, Migration.Latest);
        }

        return OnConnection(static connection => new MigrationStatus(Schema.Read(connection), Migration.Latest));
    }

    public void Up(CancellationToken ct)
    {
        file.MakeIfMissing();
        OnConnection(connection =>
        {
            var current = Schema.Read(connection);
            Schema.ThrowIfNewer(current, file.Path);
            WriteAheadLog.Require(connection, file.Path, Patience);
            foreach (var migration in Migration.All.Where(migration => migration.Number > current))
            {
                ct.ThrowIfCancellationRequested();
                if (InTransaction(connection, version => version < migration.Number, () => Schema.Apply(connection, migration)))
                {
                    SqliteStoreLog.MigratedUp(logger, file.Path, migration.Number);
                }
            }

            return true;
        });
    }

    public void Down(int target, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(target);
        var current = Status().Current;
        Schema.ThrowIfNewer(current, file.Path);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(target, current);
        if (target == current)
        {
            return;
        }

        OnConnection(connection =>
        {
            foreach (var migration in Migration.All.Where(migration => migration.Number > target && migration.Number <= current).Reverse())
            {
                ct.ThrowIfCancellationRequested();
                if (InTransaction(connection, version => version == migration.Number, () => Schema.Revert(connection, migration)))
                {
                    SqliteStoreLog.MigratedDown(logger, file.Path, migration.Number);
                }
            }

            return true;
        });
    }

    private bool InTransaction(Connection connection, Func<int, bool> isDue, Action migrate)
    {
        connection.BeginImmediate(Patience);
        try
        {
            // Asked again, now that nobody else can change it: another process may have been faster.
            var version = Schema.Read(connection);
            Schema.ThrowIfNewer(version, file.Path);
            if (!isDue(version))
            {
                return false;
            }

            migrate();
            connection.Commit();
            return true;
        }
        finally
        {
            connection.Rollback();
        }
    }

    private T OnConnection<T>(Func<Connection, T> use)
    {
        try
        {
            using var connection = new Connection(file.ConnectionString);
            connection.SetBusyTimeout(Patience);
            return use(connection);
        }
        catch (SqliteException exception)
        {
            throw file.Fault(exception);
        }
    }
}
