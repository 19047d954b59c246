using Microsoft.Extensions.Logging;

namespace KvSessions.Stores.Postgres;

/// <summary>What the store logs: never an id, a subject, a value or a connection string.</summary>
internal static partial class PostgresStoreLog
{
    [LoggerMessage(1, LogLevel.Information, "The session table {Table} was migrated up to schema version {Version}.")]
    public static partial void MigratedUp(ILogger logger, string table, int version);

    [LoggerMessage(2, LogLevel.Warning, "Schema version {Version} of the session table {Table} was taken down.")]
    public static partial void MigratedDown(ILogger logger, string table, int version);

    [LoggerMessage(3, LogLevel.Warning, "The session table {Table} is unlogged: all sessions are lost when the server crashes, and standbys have none of them.")]
    public static partial void MadeUnlogged(ILogger logger, string table);

    [LoggerMessage(4, LogLevel.Information, "A statement on the session table {Table} met a broken connection ({Reason}) and is repeated on a new one, which is safe.")]
    public static partial void RepeatedOnNewConnection(ILogger logger, string table, string reason);

    [LoggerMessage(5, LogLevel.Debug, "A statement on the session table {Table} was rolled back by the server (SQLSTATE {SqlState}) and is repeated.")]
    public static partial void RepeatedAfterRollback(ILogger logger, string table, string sqlState);

    [LoggerMessage(6, LogLevel.Information, "There is a proxy before the server of the session table {Table}, so statements are not prepared. If it is PgBouncer 1.21 or later with max_prepared_statements, set Max Auto Prepare in the connection string.")]
    public static partial void NotPreparing(ILogger logger, string table);
}
