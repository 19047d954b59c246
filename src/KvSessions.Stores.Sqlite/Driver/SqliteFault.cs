using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace KvSessions.Stores.Sqlite;

/// <summary>
/// What an error of SQLite means to the caller of a store. The codes: https://www.sqlite.org/rescode.html.
/// </summary>
internal static class SqliteFault
{
    public static SessionStoreException ToStoreException(SqliteException exception, string path)
    {
        var (error, meaning) = Meaning(exception.SqliteErrorCode, exception.SqliteExtendedErrorCode);
        return new(error, $"The session database '{path}' {meaning} (SQLite error {exception.SqliteExtendedErrorCode}).", exception);
    }

    /// <summary>What a failed COMMIT means. Where it is certain that nothing was kept, that is said.</summary>
    /// <remarks>
    /// A full disk or a lock stops SQLite before the commit is written, and a commit hook before it is begun. Any other error may have
    /// come after the commit reached the log, which a later recovery would then find.
    /// </remarks>
    public static SessionStoreException OfCommit(SqliteException exception, string path) =>
        exception.SqliteErrorCode is raw.SQLITE_FULL or raw.SQLITE_BUSY or raw.SQLITE_CONSTRAINT
            ? ToStoreException(exception, path)
            : new(
                SessionStoreError.UnknownOutcome,
                $"A transaction on '{path}' failed while it was committed; it may or may not have been kept (SQLite error {exception.SqliteExtendedErrorCode}).",
                exception);

    /// <summary>Whether the connection itself may be at fault, so that a new one should take its place.</summary>
    public static bool OutlivesConnection(Exception exception) =>
        exception is SqliteException { SqliteErrorCode: raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_FULL or raw.SQLITE_CONSTRAINT };

    private static (SessionStoreError Error, string Meaning) Meaning(int code, int extended) =>
        code switch
        {
            // What it is on opening a file on a full disk, which is where it happens: the -shm file cannot be made.
            raw.SQLITE_IOERR when extended == raw.SQLITE_IOERR_SHMSIZE => (
                SessionStoreError.Unavailable, "cannot be opened: there is no room for its -shm file, the disk is full"),
            raw.SQLITE_CORRUPT => (SessionStoreError.Corrupt, "is damaged: restore it from a backup, or try the .recover command of the sqlite3 shell"),
            raw.SQLITE_NOTADB => (SessionStoreError.Corrupt, "is not a SQLite database (or is encrypted): it was left as it is; check the path"),
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => (
                SessionStoreError.Unavailable,
                $"is locked by another connection for longer than {nameof(SqliteStoreOptions.BusyTimeout)}: keep other programs' write transactions short"),
            raw.SQLITE_FULL => (SessionStoreError.Unavailable, "cannot grow: the disk, or the database's page limit, is full"),
            raw.SQLITE_IOERR => (SessionStoreError.Unavailable, "cannot be read or written: check the disk and the system log"),
            raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_AUTH => (
                SessionStoreError.Unavailable,
                "cannot be written: give the process write permission to the file and to its directory, where SQLite keeps the -wal and -shm files"),
            raw.SQLITE_CANTOPEN => (
                SessionStoreError.Unavailable,
                "cannot be opened: check that the directory exists, and that the process may write to it and to the file"),
            raw.SQLITE_ERROR => (
                SessionStoreError.Unavailable,
                "does not have the tables it should, or has others of their names: if its schema was taken down, call MigrateUpAsync() or add .MigrateOnStartup(), else choose another file"),
            _ => (SessionStoreError.Unavailable, "gave an unexpected error"),
        };
}
