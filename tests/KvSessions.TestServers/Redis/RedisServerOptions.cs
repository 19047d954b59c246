namespace KvSessions.TestServers;

/// <summary>What a test asks of a Redis server of its own.</summary>
public sealed record RedisServerOptions
{
    /// <summary>Whether an acknowledged write survives <see cref="TestServer.KillAsync"/>: <c>appendonly yes</c>, <c>appendfsync always</c>. Default: <see langword="false"/>, nothing is kept over a stop.</summary>
    public bool Durable { get; init; }

    /// <summary>More settings of <c>redis.conf</c>, by name. They win over those of this library.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}
