using Microsoft.Extensions.Logging;

namespace KvSessions.Stores.Sqlite;

/// <summary>What the store logs: never an id, a value or a connection string.</summary>
internal static partial class SqliteStoreLog
{
    [LoggerMessage(1, LogLevel.Information, "The session database {Path} is open for writing (SQLite {SqliteVersion}, synchronous {Synchronous}).")]
    public static partial void Opened(ILogger logger, string path, string sqliteVersion, SqliteSynchronous synchronous);

    [LoggerMessage(2, LogLevel.Information, "The session database {Path} was migrated up to schema version {Version}.")]
    public static partial void MigratedUp(ILogger logger, string path, int version);

    [LoggerMessage(3, LogLevel.Warning, "Schema version {Version} of the session database {Path} was taken down.")]
    public static partial void MigratedDown(ILogger logger, string path, int version);

    [LoggerMessage(4, LogLevel.Error, "A transaction of {Operations} writes to the session database {Path} failed; each of them was reported as failed.")]
    public static partial void BatchFailed(ILogger logger, Exception exception, string path, int operations);

    [LoggerMessage(5, LogLevel.Warning, "One of {Operations} writes to the session database {Path} failed; they are tried again one by one.")]
    public static partial void BatchSplit(ILogger logger, Exception exception, string path, int operations);

    [LoggerMessage(6, LogLevel.Warning, "{Operations} writes wait for the session database {Path}; more are refused.")]
    public static partial void QueueFull(ILogger logger, string path, int operations);

    [LoggerMessage(7, LogLevel.Warning, "A read connection to the session database {Path} failed and was replaced.")]
    public static partial void ReaderFailed(ILogger logger, Exception exception, string path);
}
