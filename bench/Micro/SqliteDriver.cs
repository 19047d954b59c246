using BenchmarkDotNet.Attributes;
using Microsoft.Data.Sqlite;

namespace KvSessions.Bench;

/// <summary>What <see cref="SqliteStoreOperations"/> would be by hand: prepared commands of Microsoft.Data.Sqlite on one connection.</summary>
[MemoryDiagnoser]
public class SqliteDriver
{
    private const int Sessions = 10_000;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kvsessions-micro");
    private readonly byte[][] _ids = [.. Enumerable.Range(0, Sessions).Select(static _ => Payload.NewHandle().ToByteArray())];
    private SqliteConnection _connection = null!;
    private SqliteCommand _find = null!;
    private SqliteCommand _update = null!;
    private SqliteCommand _insert = null!;
    private SqliteCommand _delete = null!;
    private int _next;
    private byte _written;

    [Params("FULL", "NORMAL")]
    public string Synchronous { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        _connection = new SqliteConnection($"Data Source={Path.Combine(_directory.FullName, "sessions.db")};Pooling=False");
        _connection.Open();
        using var create = Prepare(
            $"PRAGMA journal_mode = WAL; PRAGMA synchronous = {Synchronous}; CREATE TABLE sessions (id BLOB NOT NULL PRIMARY KEY, data BLOB NOT NULL)");
        create.ExecuteNonQuery();
        _find = Prepare("SELECT data FROM sessions WHERE id = $id", "$id");
        _update = Prepare("UPDATE sessions SET data = $data WHERE id = $id", "$id", "$data");
        _insert = Prepare("INSERT INTO sessions (id, data) VALUES ($id, $data)", "$id", "$data");
        _delete = Prepare("DELETE FROM sessions WHERE id = $id", "$id");
        using var transaction = _connection.BeginTransaction();
        _insert.Transaction = transaction;
        foreach (var id in _ids)
        {
            Execute(_insert, id, Payload.NewBlob());
        }

        transaction.Commit();
        _insert.Transaction = null;
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _connection.Dispose();
        _directory.Delete(recursive: true);
    }

    [Benchmark]
    public object? Find()
    {
        _find.Parameters[0].Value = Next();
        return _find.ExecuteScalar();
    }

    [Benchmark]
    public int Update()
    {
        // SQLite writes nothing where nothing changes.
        var blob = Payload.NewBlob();
        blob[0] = unchecked(++_written);
        return Execute(_update, Next(), blob);
    }

    [Benchmark]
    public int InsertAndDelete()
    {
        var id = Payload.NewHandle().ToByteArray();
        return Execute(_insert, id, Payload.NewBlob()) + Execute(_delete, id);
    }

    private static int Execute(SqliteCommand command, params ReadOnlySpan<byte[]> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        return command.ExecuteNonQuery();
    }

    private SqliteCommand Prepare(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter, SqliteType.Blob);
        }

        return command;
    }

    private byte[] Next() => _ids[_next = (_next + 7) % Sessions];
}
