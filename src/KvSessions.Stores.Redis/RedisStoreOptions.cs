namespace KvSessions.Stores.Redis;

/// <summary>The settings of a <see cref="RedisStore"/>. They are checked when the host starts, or by the store's constructor.</summary>
public sealed class RedisStoreOptions
{
    /// <summary>
    /// What the names of all keys begin with, followed by a slash: <c>kvsessions</c> by default. Applications that share a server need
    /// prefixes of their own. From 1 to 100 characters: letters and digits of ASCII, and <c>: . _ - { }</c>.
    /// </summary>
    /// <remarks>
    /// A prefix with a hash tag, such as <c>{sessions}</c>, puts all keys into one slot of a Redis Cluster
    /// (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags).
    /// </remarks>
    public string KeyPrefix { get; set; } = "kvsessions";
}
