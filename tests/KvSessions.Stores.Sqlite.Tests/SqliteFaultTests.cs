using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace KvSessions.Stores.Sqlite.Tests;

public sealed class SqliteFaultTests
{
    [Theory]
    [InlineData(raw.SQLITE_BUSY, SessionStoreError.Unavailable, "locked")]
    [InlineData(raw.SQLITE_LOCKED, SessionStoreError.Unavailable, "locked")]
    [InlineData(raw.SQLITE_FULL, SessionStoreError.Unavailable, "full")]
    [InlineData(raw.SQLITE_IOERR, SessionStoreError.Unavailable, "system log")]
    [InlineData(raw.SQLITE_IOERR_SHMSIZE, SessionStoreError.Unavailable, "full")]
    [InlineData(raw.SQLITE_READONLY, SessionStoreError.Unavailable, "permission")]
    [InlineData(raw.SQLITE_CANTOPEN, SessionStoreError.Unavailable, "directory")]
    [InlineData(raw.SQLITE_ERROR, SessionStoreError.Unavailable, "MigrateUpAsync()")]
    [InlineData(raw.SQLITE_MISUSE, SessionStoreError.Unavailable, "unexpected")]
    [InlineData(raw.SQLITE_CORRUPT, SessionStoreError.Corrupt, "damaged")]
    [InlineData(raw.SQLITE_NOTADB, SessionStoreError.Corrupt, "not a SQLite database")]
    public void Each_code_says_what_it_means_and_where(int code, SessionStoreError error, string words)
    {
        var exception = SqliteFault.ToStoreException(new SqliteException("text", code & 0xFF, code), "/data/sessions.db");

        Assert.Equal(error, exception.Error);
        Assert.Contains(words, exception.Message);
        Assert.Contains("/data/sessions.db", exception.Message);
    }

    [Theory]
    [InlineData(raw.SQLITE_FULL, SessionStoreError.Unavailable)]
    [InlineData(raw.SQLITE_BUSY, SessionStoreError.Unavailable)]
    [InlineData(raw.SQLITE_CONSTRAINT, SessionStoreError.Unavailable)]
    [InlineData(raw.SQLITE_IOERR, SessionStoreError.UnknownOutcome)]
    [InlineData(raw.SQLITE_CORRUPT, SessionStoreError.UnknownOutcome)]
    public void A_commit_that_may_have_reached_the_log_has_an_unknown_outcome(int code, SessionStoreError error) =>
        Assert.Equal(error, SqliteFault.OfCommit(new SqliteException("text", code, code), "/data/sessions.db").Error);
}
