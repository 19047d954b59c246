namespace KvSessions.TestServers;

/// <summary>What a test asks of a Redis server of its own.</summary>
public sealed record RedisServerOptions
{
    /// <summary>Whether an acknowledged write survives <see cref="TestServer.KillAsync"/>: <c>appendonly yes</c>, <c>appendfsync always</c>. Default: <see langword="false"/>, nothing is kept over a stop.</summary>
    public bool Durable { get; init; }

    /// <summary>
    /// A directory of this machine to keep the data in, such as a disk that can be filled; whoever made it removes it. The server is then a
    /// binary of this machine, never a container. Default: <see langword="null"/>, a place that is removed with the server.
    /// </summary>
    public string? Directory { get; init; }

    /// <summary>More settings of <c>redis.conf</c>, by name. They win over those of this library.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}
