namespace KvSessions.Stores.Postgres;

/// <summary>What several statements say of a row <c>s</c>.</summary>
/// <remarks>
/// Functions go without a schema, for <c>pg_catalog</c> is first on the search path wherever it is not named. The time is that of the
/// statement: it stands still during one, and it is taken anew for the second one of a batch, which has waited for a lock.
/// </remarks>
internal static class SessionSql
{
    public const string ExpiresAt = "least(s.last_seen_at + s.idle_timeout, s.absolute_expires_at)";

    /// <summary>A session that nothing ends has no moment to compare with.</summary>
    public const string IsLive = $"({ExpiresAt} > statement_timestamp()) IS NOT FALSE";
}
