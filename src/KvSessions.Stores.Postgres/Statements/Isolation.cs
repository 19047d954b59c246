namespace KvSessions.Stores.Postgres;

/// <summary>
/// What holds a lock on a subject must see what was done under that lock before: with a snapshot that is taken for each statement, and
/// not for the transaction (https://www.postgresql.org/docs/current/transaction-iso.html).
/// </summary>
internal static class Isolation
{
    /// <summary>The level as the server names it.</summary>
    public const string Level = "current_setting('transaction_isolation')";

    /// <summary>A statement under a lock does nothing where this holds.</summary>
    public const string IsWrong = $"{Level} IN ('repeatable read', 'serializable')";

    public static void ThrowIfWrong(string level, TableNames names)
    {
        if (level is "repeatable read" or "serializable")
        {
            throw Fault(names);
        }
    }

    public static SessionStoreException Fault(TableNames names) =>
        new(
            SessionStoreError.Unavailable,
            $"Connections for the table {names.Plain} must use the isolation level 'read committed', PostgreSQL's default: "
            + "default_transaction_isolation is set to another one for this server, database or role.");
}
