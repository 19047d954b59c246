using System.Globalization;

namespace KvSessions.Stores.Sqlite;

/// <summary>The version of the tables in a file, one row of <c>kv_sessions_schema</c> for each migration that made them.</summary>
internal static class Schema
{
    public static int Read(Connection connection) =>
        connection.ReadInteger("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'kv_sessions_schema'") == 0
            ? 0
            : (int)connection.ReadInteger("SELECT coalesce(max(version), 0) FROM kv_sessions_schema");

    /// <summary>Sees to it that this code knows the tables it is about to use.</summary>
    public static void ThrowUnlessCurrent(Connection connection, string path)
    {
        var version = Read(connection);
        ThrowIfNewer(version, path);
        if (version < Migration.Latest)
        {
            throw Unmigrated(path, version);
        }
    }

    public static void ThrowIfNewer(int version, string path)
    {
        if (version > Migration.Latest)
        {
            throw new SessionStoreException(
                SessionStoreError.Corrupt,
                $"The session database '{path}' has schema version {version}, made by a newer KvSessions.Stores.Sqlite; this one knows "
                + $"versions up to {Migration.Latest}. The file was left as it is. Update the package, or take the schema down with the newer one.");
        }
    }

    public static SessionStoreException Unmigrated(string path, int version) =>
        new(
            SessionStoreError.Unavailable,
            $"The session database '{path}' {(version == 0 ? "has no session tables yet" : $"has schema version {version} and needs {Migration.Latest}")}: "
            + "call MigrateUpAsync() before the application starts, or add .MigrateOnStartup().");

    public static void Apply(Connection connection, Migration migration)
    {
        connection.Execute(migration.Up);
        connection.Execute("CREATE TABLE IF NOT EXISTS kv_sessions_schema (version INTEGER NOT NULL PRIMARY KEY) STRICT");
        connection.Execute(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO kv_sessions_schema (version) VALUES ({migration.Number})"));
    }

    public static void Revert(Connection connection, Migration migration)
    {
        connection.Execute(migration.Down);
        connection.Execute(string.Create(CultureInfo.InvariantCulture, $"DELETE FROM kv_sessions_schema WHERE version = {migration.Number}"));
        if (Read(connection) == 0)
        {
            connection.Execute("DROP TABLE kv_sessions_schema");
        }
    }
}
