using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace KvSessions.Stores.Sqlite;

/// <summary>An open connection, for one thread at a time.</summary>
internal sealed class Connection : IDisposable
{
    // SQLite's own busy handler sleeps up to 100 ms at a time, in which another process takes and leaves the lock many times over.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly SqliteConnection _connection;

    public Connection(string connectionString)
    {
        _connection = new SqliteConnection(connectionString);
        try
        {
            _connection.Open();
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>The driver's handle.</summary>
    public sqlite3 Handle => _connection.Handle!;

    public bool IsInTransaction => raw.sqlite3_get_autocommit(Handle) == 0;

    public int Changes => raw.sqlite3_changes(Handle);

    public long LastInsertId => raw.sqlite3_last_insert_rowid(Handle);

    /// <summary>How long a statement waits for a lock before it fails.</summary>
    public void SetBusyTimeout(TimeSpan timeout) =>
        SqliteException.ThrowExceptionForRC(raw.sqlite3_busy_timeout(Handle, (int)timeout.TotalMilliseconds), Handle);

    public Statement Prepare(string sql) => new(Handle, sql);

    public void Execute(string script) => SqliteException.ThrowExceptionForRC(raw.sqlite3_exec(Handle, script), Handle);

    public string? ReadText(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Text(0) : null;
    }

    public long ReadInteger(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() ? statement.Integer(0) : 0;
    }

    /// <summary>Takes the write lock of the file, waiting for other processes to give it back.</summary>
    /// <exception cref="SqliteException">The lock was not free within <paramref name="patience"/>.</exception>
    public void BeginImmediate(TimeSpan patience) => Insist(patience, static connection => connection.Execute("BEGIN IMMEDIATE"));

    public void Commit() => Execute("COMMIT");

    /// <summary>Undoes the transaction, unless SQLite has done so itself (https://www.sqlite.org/lang_transaction.html).</summary>
    public void Rollback()
    {
        if (IsInTransaction)
        {
            Execute("ROLLBACK");
        }
    }

    /// <summary>Turns on write-ahead logging, which is a property of the file and stays.</summary>
    public string? UseWriteAheadLog(TimeSpan patience)
    {
        string? mode = null;
        Insist(patience, connection => mode = connection.ReadText("PRAGMA journal_mode = WAL"));
        return mode;
    }

    public void Dispose() => _connection.Dispose();

    // The system's clock, not the sessions': this waits for real locks, whatever that one says.
    private void Insist(TimeSpan patience, Action<Connection> attempt)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                attempt(this);
                return;
            }
            catch (SqliteException exception)
                when (exception.SqliteErrorCode == raw.SQLITE_BUSY && TimeProvider.System.GetElapsedTime(start) < patience)
            {
#pragma warning disable RS0030 // The writer's own thread, which has nothing to await: SQLite blocks it all the same.
                Thread.Sleep(Pause);
#pragma warning restore RS0030
            }
        }
    }
}
