namespace KvSessions.TestServers;

/// <summary>What a test asks of a PostgreSQL server of its own.</summary>
public sealed record PostgresServerOptions
{
    /// <summary>Whether an acknowledged commit survives <see cref="TestServer.KillAsync"/> and a loss of power, as on a server in production. Default: <see langword="false"/>, which is faster.</summary>
    public bool Durable { get; init; }

    /// <summary>
    /// A directory of this machine to keep the data in, such as a disk that can be filled; whoever made it removes it. The server is then a
    /// binary of this machine, never a container. Default: <see langword="null"/>, a place that is removed with the server.
    /// </summary>
    public string? Directory { get; init; }

    /// <summary>More settings of <c>postgresql.conf</c>, by name. They win over those of this library.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}
