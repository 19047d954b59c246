using Microsoft.Extensions.Caching.Distributed;
using Npgsql;

namespace KvSessions.Bench;

/// <summary>
/// The usual distributed cache on Postgres, as ASP.NET Core Session would be put on: a table of values with their expiry, where a read
/// also moves the sliding expiry. It does so in the one statement that reads, and its statements are prepared, which makes it faster
/// than most.
/// </summary>
internal sealed class PostgresCache(string connectionString) : IDistributedCache
{
    private readonly NpgsqlDataSource _database = NpgsqlDataSource.Create(PostgresConnection.Prepared(connectionString));

    public void CreateTable()
    {
        using var create = _database.CreateCommand(
            """
            CREATE TABLE IF NOT EXISTS cache (
                id text PRIMARY KEY, value bytea NOT NULL, expires_at timestamptz NOT NULL, sliding interval);
            CREATE INDEX IF NOT EXISTS cache_expires_at ON cache (expires_at)
            """);
        create.ExecuteNonQuery();
    }

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        await using var command = Command(
            "UPDATE cache SET expires_at = now() + coalesce(sliding, expires_at - now()) WHERE id = $1 AND expires_at > now() RETURNING value", key);
        return (byte[]?)await command.ExecuteScalarAsync(token);
    }

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        await using var command = Command(
            """
            INSERT INTO cache (id, value, expires_at, sliding) VALUES ($1, $2, now() + $3, $3)
            ON CONFLICT (id) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at, sliding = excluded.sliding
            """,
            key);
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = value });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.SlidingExpiration!.Value });
        await command.ExecuteNonQueryAsync(token);
    }

    public async Task RefreshAsync(string key, CancellationToken token = default)
    {
        await using var command = Command("UPDATE cache SET expires_at = now() + sliding WHERE id = $1 AND expires_at > now()", key);
        await command.ExecuteNonQueryAsync(token);
    }

    public async Task RemoveAsync(string key, CancellationToken token = default)
    {
        await using var command = Command("DELETE FROM cache WHERE id = $1", key);
        await command.ExecuteNonQueryAsync(token);
    }

    public byte[]? Get(string key) => throw NotHere();

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw NotHere();

    public void Refresh(string key) => throw NotHere();

    public void Remove(string key) => throw NotHere();

    private static NotSupportedException NotHere() => new("The comparison awaits every call of the cache.");

    private NpgsqlCommand Command(string statement, string key)
    {
        var command = _database.CreateCommand(statement);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
        return command;
    }
}
