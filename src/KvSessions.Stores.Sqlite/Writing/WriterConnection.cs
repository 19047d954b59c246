using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace KvSessions.Stores.Sqlite;

/// <summary>The connection of the writer, with its statements and the transaction that is under way.</summary>
internal sealed class WriterConnection : IDisposable
{
    private readonly Connection _connection;

    private WriterConnection(Connection connection)
    {
        _connection = connection;
        Table = new SessionTable(connection);
    }

    public SessionTable Table { get; }

    public static WriterConnection Open(DatabaseFile file, TimeSpan busyTimeout, SqliteSynchronous synchronous, ILogger logger)
    {
        var connection = new Connection(file.ConnectionString);
        try
        {
            connection.SetBusyTimeout(busyTimeout);
            Schema.ThrowUnlessCurrent(connection, file.Path);
            WriteAheadLog.Require(connection, file.Path, busyTimeout);
            connection.Execute(synchronous == SqliteSynchronous.Normal ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL");

            // From here on the only lock to wait for is the one that Begin waits for itself.
            connection.SetBusyTimeout(TimeSpan.Zero);
            var writer = new WriterConnection(connection);
            SqliteStoreLog.Opened(logger, file.Path, raw.sqlite3_libversion().utf8_to_string(), synchronous);
            return writer;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public void Begin(TimeSpan patience) => _connection.BeginImmediate(patience);

    public void Commit() => _connection.Commit();

    public bool TryRollback()
    {
        try
        {
            _connection.Rollback();
            return true;
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        Table.Dispose();
        _connection.Dispose();
    }
}
