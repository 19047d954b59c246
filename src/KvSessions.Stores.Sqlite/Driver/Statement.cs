using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace KvSessions.Stores.Sqlite;

/// <summary>
/// A prepared statement without the boxed parameters and the reader object of a <see cref="SqliteCommand"/>, which also waits
/// 150 ms at a time for a lock. It is for one thread at a time.
/// </summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public Statement(sqlite3 database, string sql)
    {
        _database = database;
        Check(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    /// <summary>Resets the statement at the end of the block: one that is left open keeps its snapshot, and with it the WAL, alive.</summary>
    public Execution Run() => new(this);

    public void Bind(int parameter, long value) => Check(raw.sqlite3_bind_int64(_statement, parameter, value));

    public void Bind(int parameter, long? value) =>
        Check(value is { } number ? raw.sqlite3_bind_int64(_statement, parameter, number) : raw.sqlite3_bind_null(_statement, parameter));

    public void Bind(int parameter, string? value) =>
        Check(value is null ? raw.sqlite3_bind_null(_statement, parameter) : raw.sqlite3_bind_text(_statement, parameter, value));

    public void Bind(int parameter, ReadOnlySpan<byte> value) => Check(raw.sqlite3_bind_blob(_statement, parameter, value));

    public void Bind(int parameter, SessionHandle handle)
    {
        Span<byte> bytes = stackalloc byte[SessionHandle.ByteLength];
        handle.CopyTo(bytes);
        Bind(parameter, bytes);
    }

    /// <summary>Goes to the next row.</summary>
    /// <returns><see langword="false"/> when there is none.</returns>
    public bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code is not (raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            Check(code);
        }

        return code == raw.SQLITE_ROW;
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    public long Integer(int column) => raw.sqlite3_column_int64(_statement, column);

    public long? NullableInteger(int column) => IsNull(column) ? null : Integer(column);

    public string? Text(int column) => IsNull(column) ? null : raw.sqlite3_column_text(_statement, column).utf8_to_string();

    /// <summary>The bytes, which are gone with the next step.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(_statement, column);

    public void Dispose() => _statement.Dispose();

    private void Check(int code) => SqliteException.ThrowExceptionForRC(code, _database);

    internal readonly ref struct Execution(Statement statement) : IDisposable
    {
        // What reset returns is the error of the last step, which was thrown already.
        public void Dispose() => raw.sqlite3_reset(statement._statement);
    }
}
