using Microsoft.Data.Sqlite;

namespace KvSessions.Bench;

/// <summary>An open connection with its prepared commands, for one caller at a time.</summary>
internal sealed class SqliteDriverConnection : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _find;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _update;

    public SqliteDriverConnection(string file, string synchronous)
    {
        _connection = Open(file);
        Execute(_connection, $"PRAGMA synchronous = {synchronous}");
        _find = Prepare("SELECT data FROM sessions WHERE id = $id");
        _insert = Prepare("INSERT INTO sessions (id, data) VALUES ($id, $data)");
        _update = Prepare("UPDATE sessions SET data = $data WHERE id = $id");
    }

    public static void CreateTable(string file)
    {
        using var connection = Open(file);
        Execute(connection, "PRAGMA journal_mode = WAL; CREATE TABLE sessions (id TEXT NOT NULL PRIMARY KEY, data BLOB NOT NULL)");
    }

    public byte[] Find(string id)
    {
        _find.Parameters[0].Value = id;
        return (byte[])_find.ExecuteScalar()!;
    }

    public void Insert(string id, byte[] data) => Write(_insert, id, data);

    public void Update(string id, byte[] data) => Write(_update, id, data);

    public void Dispose()
    {
        _find.Dispose();
        _insert.Dispose();
        _update.Dispose();
        _connection.Dispose();
    }

    private static SqliteConnection Open(string file)
    {
        var connection = new SqliteConnection($"Data Source={file}");
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static void Write(SqliteCommand command, string id, byte[] data)
    {
        command.Parameters[0].Value = id;
        command.Parameters[1].Value = data;
        command.ExecuteNonQuery();
    }

    private SqliteCommand Prepare(string sql)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.Add("$id", SqliteType.Text);
        if (sql.Contains("$data", StringComparison.Ordinal))
        {
            command.Parameters.Add("$data", SqliteType.Blob);
        }

        return command;
    }
}
