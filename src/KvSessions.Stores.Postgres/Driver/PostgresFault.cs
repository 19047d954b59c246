using System.Net.Sockets;
using Npgsql;

namespace KvSessions.Stores.Postgres;

/// <summary>
/// What an error of the server or of the driver means to the caller of a store. The codes:
/// https://www.postgresql.org/docs/current/errcodes-appendix.html.
/// </summary>
internal static class PostgresFault
{
    // Npgsql puts this in the place of a detail that may quote what is stored, unless it is told not to.
    private const string RedactedDetail = "Detail redacted";

    /// <summary>What a failed attempt to get a connection means: nothing was sent, so nothing was changed.</summary>
    public static SessionStoreException OfOpening(Exception exception, TimeSpan patience) =>
        exception switch
        {
            PostgresException refusal => new(
                SessionStoreError.Unavailable, $"PostgreSQL refused the connection: {Meaning(refusal.SqlState, null)} (SQLSTATE {refusal.SqlState}).", Inner(refusal)),
            OperationCanceledException or NpgsqlException { InnerException: TimeoutException } => new(
                SessionStoreError.Unavailable,
                $"There was no connection to PostgreSQL within {patience}: its server cannot be reached, or all connections of the pool are in use "
                + $"({nameof(PostgresStoreOptions.ConnectTimeout)}, Maximum Pool Size).",
                exception),
            _ => new(SessionStoreError.Unavailable, "PostgreSQL cannot be reached.", exception),
        };

    /// <summary>What a statement that failed means.</summary>
    /// <remarks>
    /// An error that the server reports comes before the end of the transaction, which it thereby rolls back. Anything else may have
    /// happened after the statement was carried out; and so may an error of class 08 or a crash, which a proxy or another server process
    /// reports in the place of the one that carried it out, and a panic, which may come when the commit has been written and not flushed.
    /// </remarks>
    public static SessionStoreException OfStatement(Exception exception, StatementKind kind, TableNames names)
    {
        if (exception is PostgresException error && !IsAnswerLost(error))
        {
            return new(
                IsCorrupt(error.SqlState) ? SessionStoreError.Corrupt
                    : kind == StatementKind.Read && error.SqlState == PostgresErrorCodes.QueryCanceled ? SessionStoreError.TimedOut
                    : SessionStoreError.Unavailable,
                $"A statement on the session table {names.Plain} failed: {Meaning(error.SqlState, names)} (SQLSTATE {error.SqlState}).",
                Inner(error));
        }

        var inner = exception is PostgresException lost ? Inner(lost) : exception;
        var isTimeout = exception is OperationCanceledException or NpgsqlException { InnerException: TimeoutException };
        return kind == StatementKind.Read
            ? new(
                isTimeout ? SessionStoreError.TimedOut : SessionStoreError.Unavailable,
                $"The answer to a read of the session table {names.Plain} {(isTimeout ? "took too long" : "was lost")}.",
                inner)
            : new(
                SessionStoreError.UnknownOutcome,
                $"The answer to a write to the session table {names.Plain} {(isTimeout ? "took too long" : "was lost")}: it may or may not have been applied.",
                inner);
    }

    /// <summary>Whether the server says that it rolled the statement back for a reason that another attempt need not meet.</summary>
    public static bool WasRolledBack(Exception exception) =>
        exception is PostgresException error
        && (error.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected || IsStalePlan(error));

    /// <summary>Whether the connection was at fault, and the statement may be sent once more on another one.</summary>
    public static bool MayRepeatElsewhere(Exception exception, StatementKind kind) =>
        exception switch
        {
            // Said by a server process that ends in good order, in the place of the statement (or having rolled it back).
            PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.IdleSessionTimeout } => true,
            PostgresException error => IsAnswerLost(error) && IsRepeatable(kind),
            NpgsqlException { InnerException: IOException or SocketException } => IsRepeatable(kind),
            _ => false,
        };

    /// <summary>Whether a creation met a handle that is taken.</summary>
    public static bool IsTakenHandle(Exception exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    private static bool IsRepeatable(StatementKind kind) => kind is StatementKind.Read or StatementKind.RepeatableWrite;

    private static bool IsAnswerLost(PostgresException error) =>
        error.InvariantSeverity == "PANIC"
        || error.SqlState is PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.StatementCompletionUnknown
        || error.SqlState.StartsWith("08", StringComparison.Ordinal);

    // https://github.com/postgres/postgres/blob/REL_15_STABLE/src/backend/utils/cache/plancache.c: "cached plan must not change result type".
    private static bool IsStalePlan(PostgresException error) =>
        error is { SqlState: PostgresErrorCodes.FeatureNotSupported, Routine: "RevalidateCachedQuery" };

    // Values that are not what this version writes make its own expressions fail.
    private static bool IsCorrupt(string code) =>
        code.StartsWith("22", StringComparison.Ordinal) || code is PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted;

    private static string Meaning(string code, TableNames? names) =>
        code switch
        {
            PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName or PostgresErrorCodes.UndefinedColumn =>
                $"the tables of the sessions are not what they should be; {Schema.Advice}",
            PostgresErrorCodes.InsufficientPrivilege =>
                $"the role lacks a right: sessions need USAGE on the schema, SELECT, INSERT, UPDATE and DELETE on the table, and SELECT on {names?.Version ?? "the version table"}; migrating needs the right to make tables",
            PostgresErrorCodes.ReadOnlySqlTransaction =>
                "the server is read-only, perhaps a standby: connect to the primary (Target Session Attributes=primary)",
            PostgresErrorCodes.DiskFull => "the server's disk is full",
            PostgresErrorCodes.OutOfMemory => "the server is out of memory",
            PostgresErrorCodes.TooManyConnections =>
                "the server has no connection left: lower Maximum Pool Size, or raise max_connections",
            PostgresErrorCodes.CannotConnectNow => "the server is starting up or shutting down",
            PostgresErrorCodes.AdminShutdown => "the server is shutting down, or an administrator ended the connection",
            PostgresErrorCodes.QueryCanceled => "the server cancelled it (statement_timeout, or an administrator)",
            PostgresErrorCodes.LockNotAvailable => "it did not get a lock in time (lock_timeout)",
            PostgresErrorCodes.InvalidSqlStatementName or PostgresErrorCodes.DuplicatePreparedStatement =>
                "prepared statements do not survive between the server and this store: behind PgBouncer before 1.21 set Max Auto Prepare=0",
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => "the login failed",
            PostgresErrorCodes.InvalidCatalogName => "there is no such database",
            PostgresErrorCodes.FeatureNotSupported => "it takes PostgreSQL 13 or later, and a database with the encoding UTF8",
            PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => "the server found its own files damaged",
            _ when code.StartsWith("22", StringComparison.Ordinal) => "what is stored is not what this version writes",
            _ => "see the code",
        };

    // With an error that concerns what is stored, the server may quote it.
    private static PostgresException? Inner(PostgresException error) =>
        error.SqlState.StartsWith("22", StringComparison.Ordinal)
        || error.SqlState.StartsWith("23", StringComparison.Ordinal)
        || (error.Detail is { } detail && !detail.StartsWith(RedactedDetail, StringComparison.Ordinal))
            ? null
            : error;
}
