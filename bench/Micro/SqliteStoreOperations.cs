using BenchmarkDotNet.Attributes;
using KvSessions.Stores.Sqlite;

namespace KvSessions.Bench;

public class SqliteStoreOperations : StoreOperations
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kvsessions-micro");
    private SqliteStore? _store;

    [Params(SqliteSynchronous.Full, SqliteSynchronous.Normal)]
    public SqliteSynchronous Synchronous { get; set; }

    public override async Task CleanUpAsync()
    {
        await _store!.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    protected override async Task<ISessionStore> OpenAsync()
    {
        _store = new SqliteStore(
            new SqliteStoreOptions { DataSource = Path.Combine(_directory.FullName, "sessions.db"), Synchronous = Synchronous });
        await _store.MigrateUpAsync();
        return _store;
    }
}
