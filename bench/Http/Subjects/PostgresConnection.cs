using Npgsql;

namespace KvSessions.Bench;

/// <summary>How whoever calls Postgres in the comparison connects: alike, and as fast as the driver allows.</summary>
internal static class PostgresConnection
{
    public static string Prepared(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { MaxAutoPrepare = 20, AutoPrepareMinUsages = 2 }.ConnectionString;
}
