using System.Data.Common;
using Npgsql;

namespace KvSessions.Stores.Postgres;

/// <summary>What this store makes of a connection string that it is given.</summary>
internal static class ConnectionText
{
    /// <summary>More than this store has statements.</summary>
    private const int MaxAutoPrepare = 32;

    /// <summary>Says, without quoting it, why it is no connection string to use; <see langword="null"/> if it is one.</summary>
    public static string? Objection(string text, string option = nameof(PostgresStoreOptions.ConnectionString))
    {
        try
        {
            var builder = new NpgsqlConnectionStringBuilder(text);
            return string.IsNullOrWhiteSpace(builder.Host) ? $"{option} names no Host."
                : builder.Multiplexing ? $"{option} asks for Multiplexing, with which a call has no connection of its own: set it to false."
                : null;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidOperationException)
        {
            return $"{option} cannot be read as a connection string of Npgsql.";
        }
    }

    /// <summary>Whether it says itself how many statements are prepared.</summary>
    public static bool SaysWhatIsPrepared(string text) =>
        Has(new DbConnectionStringBuilder { ConnectionString = text }, "Max Auto Prepare");

    /// <summary>The connection string with what it leaves open filled in.</summary>
    public static string Complete(string text, bool isPreparing)
    {
        var given = new DbConnectionStringBuilder { ConnectionString = text };
        var builder = new NpgsqlConnectionStringBuilder(text);
        if (!Has(given, "Max Auto Prepare"))
        {
            builder.MaxAutoPrepare = isPreparing ? MaxAutoPrepare : 0;
        }

        if (!Has(given, "Auto Prepare Min Usages"))
        {
            builder.AutoPrepareMinUsages = 2;
        }

        // The store leaves no state in a session that would have to be undone, and undoing it costs as much as a read.
        if (!Has(given, "No Reset On Close"))
        {
            builder.NoResetOnClose = true;
        }

        // A session is not part of what the application does in its own transactions.
        if (!Has(given, "Enlist"))
        {
            builder.Enlist = false;
        }

        // Asking for it takes two more round trips for each connection, also for those by which statements are cancelled: where the network is
        // slow or swallows what is sent, threads of the pool wait for that. Whoever uses Kerberos says so.
        if (!Has(given, "GSS Encryption Mode"))
        {
            builder.GssEncryptionMode = GssEncryptionMode.Disable;
        }

        if (!Has(given, "Application Name"))
        {
            builder.ApplicationName = "KvSessions";
        }

        return builder.ConnectionString;
    }

    // Npgsql takes a keyword with and without its spaces.
    private static bool Has(DbConnectionStringBuilder given, string keyword) =>
        given.ContainsKey(keyword) || given.ContainsKey(keyword.Replace(" ", "", StringComparison.Ordinal));
}
