namespace KvSessions.Stores.Sqlite;

/// <summary>The journal mode in which readers and a writer do not wait for each other (https://www.sqlite.org/wal.html).</summary>
internal static class WriteAheadLog
{
    public static void Require(Connection connection, string path, TimeSpan patience)
    {
        var mode = connection.UseWriteAheadLog(patience);
        if (mode != "wal")
        {
            throw new SessionStoreException(
                SessionStoreError.Unavailable,
                $"The session database '{path}' cannot use write-ahead logging (journal mode '{mode}'): put it on a local file system with shared memory.");
        }
    }
}
