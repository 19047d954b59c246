using Npgsql;

namespace KvSessions.Stores.Postgres;

/// <summary>The settings of a <see cref="PostgresBackplane"/>. They are checked when the host starts, or by its constructor.</summary>
public sealed class PostgresBackplaneOptions
{
    /// <summary>
    /// A connection string of Npgsql (https://www.npgsql.org/doc/connection-string-parameters.html), of which the backplane makes
    /// connections of its own: one that listens, and those that notify, which are one at a time as long as the network answers. Either this
    /// or <see cref="DataSource"/>.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>
    /// A data source of the application's, which is never disposed: one of its connections is used to listen all the time. Either this or
    /// <see cref="ConnectionString"/>.
    /// </summary>
    public NpgsqlDataSource? DataSource { get; set; }

    /// <summary>
    /// A connection string for the connection that listens; <see langword="null"/>, the default, for the same as the others have. It is
    /// needed where those go through a proxy that gives each transaction another connection, such as PgBouncer: there nobody can listen
    /// (https://www.pgbouncer.org/features.html), and the backplane would never be trusted. It has to lead to the same database of the same
    /// server, past that proxy.
    /// </summary>
    public string? ListenConnectionString { get; set; }

    /// <summary>
    /// The name of the channel. <see langword="null"/>, the default, for one that is made of the schema and the table of the store
    /// (<see cref="PostgresStoreOptions"/>). From 1 to 63 characters: letters and digits of ASCII, <c>.</c> and <c>_</c>. A channel is seen
    /// only in its database; applications that share one need channels of their own, and all nodes of one application the same.
    /// </summary>
    public string? Channel { get; set; }
}
