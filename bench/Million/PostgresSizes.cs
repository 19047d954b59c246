using System.Globalization;
using Npgsql;

namespace KvSessions.Bench;

/// <summary>What tables and indexes take, beside a table as the usual distributed cache on Postgres has it.</summary>
internal sealed class PostgresSizes(string connectionString) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _database = NpgsqlDataSource.Create(connectionString);

    public async ValueTask<long> OfTableAndIndexesAsync(string table) => await QueryAsync($"SELECT pg_total_relation_size('{table}')");

    /// <summary>Fills a cache's table with as many sessions of the same size, and prints what both take for each session.</summary>
    public async Task PrintAsync(int count)
    {
        // What was swept left room that is used again; a table that never held it is what the two have in common.
        await ExecuteAsync(
            $"""
            CREATE TABLE cache (id text PRIMARY KEY, value bytea NOT NULL, expires_at timestamptz NOT NULL, sliding interval);
            CREATE INDEX ON cache (expires_at);
            INSERT INTO cache
            SELECT substr(encode(sha256(i::text::bytea), 'base64'), 1, 43),
                   (SELECT string_agg(sha512((i || '/' || part)::bytea), '') FROM generate_series(1, {Payload.Bytes / 64}) part), now(), '20 minutes'
            FROM generate_series(1, {count}) i;
            CREATE TABLE kept (LIKE kv_sessions INCLUDING ALL) WITH (fillfactor = 70);
            INSERT INTO kept SELECT * FROM kv_sessions
            """);
        var kept = await QueryAsync("SELECT count(*) FROM kept");
        Console.WriteLine();
        Console.WriteLine("| Postgres, bytes a session | table | indexes |");
        Console.WriteLine("|---|---:|---:|");
        await PrintAsync("KvSessions", "kept", kept);
        await PrintAsync("cache", "cache", count);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private async Task PrintAsync(string name, string table, long count)
    {
        var ofTable = await QueryAsync($"SELECT pg_table_size('{table}')") / count;
        var ofIndexes = await QueryAsync($"SELECT pg_indexes_size('{table}')") / count;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {ofTable:N0} | {ofIndexes:N0} |"));
    }

    private async Task ExecuteAsync(string statements)
    {
        await using var command = _database.CreateCommand(statements);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }

    private async Task<long> QueryAsync(string query)
    {
        await using var command = _database.CreateCommand(query);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
