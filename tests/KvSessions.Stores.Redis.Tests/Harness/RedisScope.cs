using System.Text;
using StackExchange.Redis;

namespace KvSessions.Stores.Redis.Tests;

/// <summary>A prefix of a test's own, the stores that the test opens on it, and ways to look into it.</summary>
public sealed class RedisScope : IAsyncDisposable
{
    private readonly List<RedisStore> _stores = [];
    private readonly string _configuration;

    private RedisScope(string configuration, IConnectionMultiplexer multiplexer, string prefix)
    {
        _configuration = configuration;
        Multiplexer = multiplexer;
        Keys = new TestKeys(multiplexer, prefix);
    }

    /// <summary>A connection beside those of the stores.</summary>
    public IConnectionMultiplexer Multiplexer { get; }

    internal TestKeys Keys { get; }

    public RedisStoreOptions Options => new() { KeyPrefix = Keys.Prefix };

    public static async Task<RedisScope> CreateAsync(string? configuration = null, string? prefix = null)
    {
        configuration ??= TestRedis.Server.Configuration;
        var multiplexer = await ConnectionMultiplexer.ConnectAsync(Patient(configuration));
        return new RedisScope(configuration, multiplexer, prefix ?? $"test:{SessionId.New().Handle}");
    }

    /// <summary>A prefix with a hash tag of its own on the cluster.</summary>
    public static async Task<RedisScope> CreateOnClusterAsync() =>
        await CreateAsync((await TestCluster.GetAsync()).Configuration, $"{{{SessionId.New().Handle}}}");

    /// <summary>A store on a connection of its own, as another node has it.</summary>
    public RedisStore NewStore(string? prefix = null)
    {
        var store = new RedisStore(Patient(_configuration), new RedisStoreOptions { KeyPrefix = prefix ?? Keys.Prefix });
        _stores.Add(store);
        return store;
    }

    public static SessionRecord NewRecord(string? subject = null, SessionExpiry? expiry = null, string value = "apples")
    {
        var now = TimeProvider.System.GetUtcNow();
        return new()
        {
            Handle = SessionId.New().Handle,
            Version = 1,
            CreatedAt = now,
            LastSeenAt = now,
            Expiry = expiry ?? SessionExpiry.Idle(TimeSpan.FromMinutes(20)),
            Subject = subject,
            Values = Set(("cart", value)),
        };
    }

    public static SessionValues Set(params (string Key, string Value)[] entries) =>
        SessionValues.From(entries.Select(static entry =>
            KeyValuePair.Create(entry.Key, (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(entry.Value))));

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores)
        {
            await store.DisposeAsync();
        }

        await Keys.RemoveAsync();
        await Multiplexer.DisposeAsync();
    }

    // A machine that runs other things besides the tests may pause them for longer than a user would wait.
    private static ConfigurationOptions Patient(string configuration) => RedisConfiguration.Parse($"asyncTimeout=30000,connectTimeout=30000,allowAdmin=true,{configuration}");
}
