using Npgsql;

namespace KvSessions.Stores.Postgres;

/// <summary>The settings of a <see cref="PostgresStore"/>. They are checked when the host starts, or by the store's constructor.</summary>
public sealed class PostgresStoreOptions
{
    /// <summary>
    /// A connection string of Npgsql (https://www.npgsql.org/doc/connection-string-parameters.html). The store makes a pool of its own
    /// of it and disposes that pool. Either this or <see cref="DataSource"/>.
    /// </summary>
    /// <remarks>
    /// What it leaves open is set to what suits this store: <c>Max Auto Prepare=32</c>, <c>Auto Prepare Min Usages=2</c>,
    /// <c>No Reset On Close=true</c>, <c>GSS Encryption Mode=Disable</c>, <c>Enlist=false</c> and <c>Application Name=KvSessions</c>.
    /// </remarks>
    public string? ConnectionString { get; set; }

    /// <summary>
    /// A data source of the application's, which the store uses as it is and never disposes. Either this or <see cref="ConnectionString"/>.
    /// </summary>
    public NpgsqlDataSource? DataSource { get; set; }

    /// <summary>
    /// The schema of the tables; <c>public</c> by default. One to 63 ASCII letters, digits and underscores, no digit first; upper and
    /// lower case are different. Migrating makes it if it is missing, and never removes it.
    /// </summary>
    public string Schema { get; set; } = "public";

    /// <summary>
    /// The table of the sessions; <c>kv_sessions</c> by default. One to 40 characters, as in <see cref="Schema"/>. The table with the
    /// version of the schema is named after it, <c>kv_sessions_schema</c>, and so are the indexes. Applications that share a database
    /// need a table or a schema each.
    /// </summary>
    public string Table { get; set; } = "kv_sessions";

    /// <summary>
    /// Whether the table of the sessions is made unlogged; <see langword="false"/> by default. An unlogged table is not in the
    /// write-ahead log: writes are faster, <em>all sessions are lost when the server crashes</em> or is ended hard, and standbys and
    /// base backups hold none of them (https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-UNLOGGED). It
    /// matters only while the table is being made.
    /// </summary>
    public bool Unlogged { get; set; }

    /// <summary>
    /// How long to wait for a connection, free in the pool or new, before the call fails as unavailable. 500 milliseconds by default,
    /// which is within the default <see cref="KvSessionsOptions.OperationTimeout"/> of 1 second, so that a write that was never sent is
    /// reported as such and not as an unknown outcome. From 10 milliseconds to 1 minute.
    /// </summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromMilliseconds(500);
}
