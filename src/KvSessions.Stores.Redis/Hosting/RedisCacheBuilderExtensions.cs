using KvSessions;
using KvSessions.Stores.Redis;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Caches sessions in Redis, for all nodes together.</summary>
public static class RedisCacheBuilderExtensions
{
    /// <summary>What the names of all keys of a cache begin with, if nothing else is said.</summary>
    public const string DefaultKeyPrefix = "kvs-cache";

    /// <summary>Answers reads from Redis where it can, by a connection of the cache's own; see <see cref="KvSessionsBuilder.AddCache{TStore}(Func{IServiceProvider, TStore}, Action{SharedCacheOptions})"/>.</summary>
    /// <param name="builder">The sessions of the application.</param>
    /// <param name="configuration">The servers, for example <c>localhost:6379</c>; see <see cref="RedisStore(string, RedisStoreOptions, ILogger{RedisStore})"/>.</param>
    /// <param name="configure">Changes settings of the cache. What is wrong with them is reported when the host starts.</param>
    /// <param name="keyPrefix">As <see cref="RedisStoreOptions.KeyPrefix"/>, and another one than any store's.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="configuration"/> cannot be read, or <paramref name="keyPrefix"/> is out of range.</exception>
    /// <exception cref="InvalidOperationException">There is a memory cache already, which has to come last.</exception>
    public static KvSessionsBuilder AddRedisCache(
        this KvSessionsBuilder builder,
        string configuration,
        Action<SharedCacheOptions>? configure = null,
        string keyPrefix = DefaultKeyPrefix) =>
        builder.AddRedisCache(RedisConfiguration.Parse(configuration), configure, keyPrefix);

    /// <summary>Answers reads from Redis where it can, by a connection of the cache's own; see <see cref="KvSessionsBuilder.AddCache{TStore}(Func{IServiceProvider, TStore}, Action{SharedCacheOptions})"/>.</summary>
    /// <param name="builder">The sessions of the application.</param>
    /// <param name="configuration">How to connect, taken as it is; see <see cref="RedisStore(ConfigurationOptions, RedisStoreOptions, ILogger{RedisStore})"/>.</param>
    /// <param name="configure">Changes settings of the cache. What is wrong with them is reported when the host starts.</param>
    /// <param name="keyPrefix">As <see cref="RedisStoreOptions.KeyPrefix"/>, and another one than any store's.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="keyPrefix"/> is out of range.</exception>
    /// <exception cref="InvalidOperationException">There is a memory cache already, which has to come last.</exception>
    public static KvSessionsBuilder AddRedisCache(
        this KvSessionsBuilder builder,
        ConfigurationOptions configuration,
        Action<SharedCacheOptions>? configure = null,
        string keyPrefix = DefaultKeyPrefix)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return builder.AddRedisCache((_, options, logger) => new RedisStore(configuration, options, logger), configure, keyPrefix);
    }

    /// <summary>Answers reads from Redis where it can, on a connection of the application's, which is not disposed.</summary>
    /// <param name="builder">The sessions of the application.</param>
    /// <param name="multiplexer">The connection.</param>
    /// <param name="configure">Changes settings of the cache. What is wrong with them is reported when the host starts.</param>
    /// <param name="keyPrefix">As <see cref="RedisStoreOptions.KeyPrefix"/>, and another one than any store's.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="keyPrefix"/> is out of range.</exception>
    /// <exception cref="InvalidOperationException">There is a memory cache already, which has to come last.</exception>
    public static KvSessionsBuilder AddRedisCache(
        this KvSessionsBuilder builder,
        IConnectionMultiplexer multiplexer,
        Action<SharedCacheOptions>? configure = null,
        string keyPrefix = DefaultKeyPrefix)
    {
        ArgumentNullException.ThrowIfNull(multiplexer);
        return builder.AddRedisCache((_, options, logger) => new RedisStore(multiplexer, options, logger), configure, keyPrefix);
    }

    /// <summary>Answers reads from Redis where it can, on the <see cref="IConnectionMultiplexer"/> of the services.</summary>
    /// <param name="builder">The sessions of the application.</param>
    /// <param name="configure">Changes settings of the cache. What is wrong with them is reported when the host starts.</param>
    /// <param name="keyPrefix">As <see cref="RedisStoreOptions.KeyPrefix"/>, and another one than any store's.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="keyPrefix"/> is out of range.</exception>
    /// <exception cref="InvalidOperationException">There is a memory cache already, which has to come last.</exception>
    public static KvSessionsBuilder AddRedisCache(
        this KvSessionsBuilder builder, Action<SharedCacheOptions>? configure = null, string keyPrefix = DefaultKeyPrefix) =>
        builder.AddRedisCache(
            static (services, options, logger) => new RedisStore(services.GetRequiredService<IConnectionMultiplexer>(), options, logger),
            configure,
            keyPrefix);

    private static KvSessionsBuilder AddRedisCache(
        this KvSessionsBuilder builder,
        Func<IServiceProvider, RedisStoreOptions, ILogger<RedisStore>?, RedisStore> create,
        Action<SharedCacheOptions>? configure,
        string keyPrefix)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new RedisStoreOptions { KeyPrefix = keyPrefix };
        RedisStoreOptionsValidator.ThrowIfInvalid(options);
        return builder.AddCache(services => create(services, options, services.GetService<ILogger<RedisStore>>()), configure);
    }
}
