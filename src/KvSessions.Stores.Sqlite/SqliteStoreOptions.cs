namespace KvSessions.Stores.Sqlite;

/// <summary>The settings of a <see cref="SqliteStore"/>. They are checked when the host starts, or by the store's constructor.</summary>
public sealed class SqliteStoreOptions
{
    /// <summary>
    /// The database file: its path, or a connection string of Microsoft.Data.Sqlite (anything that contains <c>=</c>), for example
    /// <c>sessions.db</c> or <c>Data Source=sessions.db</c>. Required. A relative path is resolved once, by the store's constructor,
    /// against the current directory. The file may hold other tables too. It must not be on a network file system
    /// (https://www.sqlite.org/wal.html); a database in memory is refused.
    /// </summary>
    public string DataSource { get; set; } = "";

    /// <summary>What an acknowledged write survives. <see cref="SqliteSynchronous.Full"/> by default: a power cut too.</summary>
    public SqliteSynchronous Synchronous { get; set; } = SqliteSynchronous.Full;

    /// <summary>
    /// How long to wait for a lock that another process holds before the call fails as unavailable. 500 milliseconds by default, which
    /// is within the default <see cref="KvSessionsOptions.OperationTimeout"/> of 1 second, so that a write that could not begin is
    /// reported as such and not as an unknown outcome. From zero to 1 minute.
    /// </summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// The most connections that read at once; a read beyond them waits for one. 16 by default; from 1 to 1,000. They are opened when
    /// needed, stay open, and each may take up to 2 MB for its page cache.
    /// </summary>
    public int MaxReaders { get; set; } = 16;
}
