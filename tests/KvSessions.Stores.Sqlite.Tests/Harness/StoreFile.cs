using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace KvSessions.Stores.Sqlite.Tests;

/// <summary>A database file in a directory of its own, the stores that a test opens on it, and ways to look into it.</summary>
public sealed class StoreFile : IAsyncDisposable
{
    private readonly List<SqliteStore> _stores = [];

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("kvsessions-").FullName;

    public string Path => System.IO.Path.Combine(Directory, "sessions.db");

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2031, 5, 4, 3, 2, 1, TimeSpan.Zero));

    public SqliteStore NewStore(Action<SqliteStoreOptions>? configure = null)
    {
        // Longer than the default: a machine that runs other things besides the tests may pause them.
        var options = new SqliteStoreOptions { DataSource = Path, BusyTimeout = TimeSpan.FromSeconds(30) };
        configure?.Invoke(options);
        var store = new SqliteStore(options, Clock);
        _stores.Add(store);
        return store;
    }

    public async Task<SqliteStore> NewMigratedStoreAsync(Action<SqliteStoreOptions>? configure = null)
    {
        var store = NewStore(configure);
        await store.MigrateUpAsync();
        return store;
    }

    /// <summary>A connection of another program.</summary>
    public SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        return connection;
    }

    /// <summary>
    /// Takes the write lock, as another process would: until the connection is disposed, no writer gets further than the beginning of
    /// its transaction.
    /// </summary>
    public SqliteConnection HoldWriteLock()
    {
        var connection = Open();
        connection.Execute("BEGIN IMMEDIATE");
        return connection;
    }

    public SessionRecord NewRecord(string? subject = null, SessionExpiry? expiry = null, string value = "apples") =>
        new()
        {
            Handle = SessionId.New().Handle,
            Version = 1,
            CreatedAt = Clock.GetUtcNow(),
            LastSeenAt = Clock.GetUtcNow(),
            Expiry = expiry ?? SessionExpiry.Idle(TimeSpan.FromMinutes(20)),
            Subject = subject,
            Values = Set(("cart", value)),
        };

    public static SessionValues Set(params (string Key, string Value)[] entries) =>
        SessionValues.From(entries.Select(static entry =>
            KeyValuePair.Create(entry.Key, (ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes(entry.Value))));

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
        {
            await store.DisposeAsync();
        }

        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
