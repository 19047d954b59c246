namespace KvSessions.Stores.Redis;

/// <summary>The settings of a <see cref="RedisBackplane"/>. They are checked when the host starts, or by its constructor.</summary>
public sealed class RedisBackplaneOptions
{
    /// <summary>
    /// What the name of the channel begins with; <c>/backplane</c> follows. <see langword="null"/>, the default, for the
    /// <see cref="RedisStoreOptions.KeyPrefix"/> of the store. Applications that share servers need prefixes of their own, and all nodes of
    /// one application the same. From 1 to 100 characters, as in <see cref="RedisStoreOptions.KeyPrefix"/>.
    /// </summary>
    public string? KeyPrefix { get; set; }
}
