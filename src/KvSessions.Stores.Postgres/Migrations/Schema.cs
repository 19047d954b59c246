namespace KvSessions.Stores.Postgres;

/// <summary>The version of the tables: one row of <c>kv_sessions_schema</c> for each migration that made them.</summary>
internal static class Schema
{
    public static string VersionStatement(TableNames names) => $"SELECT coalesce(max(version), 0) FROM {names.Version}";

    /// <summary>The version, and which process of the server answers.</summary>
    public static string CheckStatement(TableNames names) => $"SELECT coalesce(max(version), 0), pg_backend_pid() FROM {names.Version}";

    /// <summary>Sees to it that this code knows the tables it is about to use.</summary>
    public static void ThrowUnlessCurrent(TableNames names, int version)
    {
        ThrowIfNewer(names, version);
        if (version < Migration.Latest)
        {
            throw new SessionStoreException(
                SessionStoreError.Unavailable,
                $"The table {names.Plain} has schema version {version} and needs {Migration.Latest}: {Advice}.");
        }
    }

    public static void ThrowIfNewer(TableNames names, int version)
    {
        if (version > Migration.Latest)
        {
            throw new SessionStoreException(
                SessionStoreError.Corrupt,
                $"The table {names.Plain} has schema version {version}, made by a newer KvSessions.Stores.Postgres; this one knows versions up "
                + $"to {Migration.Latest}. It was left as it is. Update the package, or take the schema down with the newer one.");
        }
    }

    /// <summary>What to do about tables that are not there.</summary>
    public const string Advice = "call MigrateUpAsync() before the application starts, or add .MigrateOnStartup()";
}
