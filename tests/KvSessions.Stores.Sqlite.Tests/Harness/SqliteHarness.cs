using Dapper;
using KvSessions.Stores.Conformance;
using Microsoft.Data.Sqlite;

namespace KvSessions.Stores.Sqlite.Tests;

internal sealed class SqliteHarness : LocalClockHarness
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kvsessions-").FullName;
    private SqliteStore _store;
    private SqliteStore? _other;

    private SqliteHarness() => _store = NewStore();

    public override ISessionStore Store => _store;

    private string DataSource => Path.Combine(_directory, "sessions.db");

    public static async ValueTask<SessionStoreHarness> CreateAsync()
    {
        var harness = new SqliteHarness();
        await harness._store.MigrateUpAsync();
        return harness;
    }

    public override async ValueTask ReopenAsync()
    {
        await _store.DisposeAsync();
        _store = NewStore();
    }

    // The tables under another name: the nearest thing to a server that is out of reach, and every byte comes back.
    public override ValueTask BreakAsync() => ExecuteAsync("ALTER TABLE kv_sessions RENAME TO kv_sessions_away");

    public override ValueTask MendAsync() => ExecuteAsync("ALTER TABLE kv_sessions_away RENAME TO kv_sessions");

    public override ValueTask<ISessionStore> OpenNodeAsync() => new(_other = NewStore());

    public override ValueTask DamageAsync(SessionHandle handle) => SetFormatAsync(handle, 255);

    public override ValueTask RepairAsync(SessionHandle handle) => SetFormatAsync(handle, 1);

    public override async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await (_other?.DisposeAsync() ?? ValueTask.CompletedTask);
        Directory.Delete(_directory, recursive: true);
        await base.DisposeAsync();
    }

    private SqliteStore NewStore() =>
        new(new SqliteStoreOptions { DataSource = DataSource, BusyTimeout = TimeSpan.FromSeconds(30) }, Clock);

    private ValueTask SetFormatAsync(SessionHandle handle, byte format) =>
        ExecuteAsync(
            """
            UPDATE kv_session_values SET data = CAST(@Format || substr(data, 2) AS BLOB)
            WHERE id = (SELECT values_id FROM kv_sessions WHERE handle = @Handle)
            """,
            new { Format = new[] { format }, Handle = handle.ToByteArray() });

    private async ValueTask ExecuteAsync(string sql, object? parameters = null)
    {
        await using var connection = new SqliteConnection($"Data Source={DataSource};Pooling=False");
        await connection.ExecuteAsync(sql, parameters);
    }
}
