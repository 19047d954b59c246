using KvSessions;
using KvSessions.Stores.Redis;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Connects the memory caches of all nodes by Redis.</summary>
public static class RedisBackplaneBuilderExtensions
{
    /// <summary>Connects the memory caches by a <see cref="RedisBackplane"/> with a connection of its own.</summary>
    /// <param name="builder">The sessions of the application.</param>
    /// <param name="configuration">The servers, for example <c>localhost:6379</c>; see <see cref="RedisStore(string, RedisStoreOptions, ILogger{RedisStore})"/>.</param>
    /// <param name="configure">Changes settings. What is wrong with them is reported when the host starts.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="configuration"/> cannot be read.</exception>
    /// <exception cref="InvalidOperationException">There is a backplane already.</exception>
    public static KvSessionsBuilder AddRedisBackplane(
        this KvSessionsBuilder builder, string configuration, Action<RedisBackplaneOptions>? configure = null) =>
        builder.AddRedisBackplane(RedisConfiguration.Parse(configuration), configure);

    /// <summary>Connects the memory caches by a <see cref="RedisBackplane"/> with a connection of its own.</summary>
    /// <param name="builder">The sessions of the application.</param>
    /// <param name="configuration">How to connect, taken as it is.</param>
    /// <param name="configure">Changes settings. What is wrong with them is reported when the host starts.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">There is a backplane already.</exception>
    public static KvSessionsBuilder AddRedisBackplane(
        this KvSessionsBuilder builder, ConfigurationOptions configuration, Action<RedisBackplaneOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Add(
            builder, (services, options) => new RedisBackplane(configuration, options, services.GetService<ILogger<RedisBackplane>>()), configure);
    }

    /// <summary>Connects the memory caches by a <see cref="RedisBackplane"/> on a connection of the application's, which is not disposed.</summary>
    /// <param name="builder">The sessions of the application.</param>
    /// <param name="multiplexer">The connection.</param>
    /// <param name="configure">Changes settings. What is wrong with them is reported when the host starts.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">There is a backplane already.</exception>
    public static KvSessionsBuilder AddRedisBackplane(
        this KvSessionsBuilder builder, IConnectionMultiplexer multiplexer, Action<RedisBackplaneOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(multiplexer);
        return Add(builder, (_, options) => new RedisBackplane(multiplexer, options), configure);
    }

    /// <summary>
    /// Connects the memory caches by a <see cref="RedisBackplane"/> on the connection of the <see cref="RedisStore"/>, or, where the
    /// sessions are kept elsewhere, on the <see cref="IConnectionMultiplexer"/> of the services.
    /// </summary>
    /// <param name="builder">The sessions of the application.</param>
    /// <param name="configure">Changes settings. What is wrong with them is reported when the host starts.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">There is a backplane already.</exception>
    public static KvSessionsBuilder AddRedisBackplane(this KvSessionsBuilder builder, Action<RedisBackplaneOptions>? configure = null) =>
        Add(
            builder,
            static (services, options) => services.GetService<RedisStore>() is { } store
                ? new RedisBackplane(store, options)
                : new RedisBackplane(services.GetRequiredService<IConnectionMultiplexer>(), options),
            configure);

    private static KvSessionsBuilder Add(
        KvSessionsBuilder builder, Func<IServiceProvider, RedisBackplaneOptions, RedisBackplane> create, Action<RedisBackplaneOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddBackplane(services => create(services, services.GetRequiredService<IOptions<RedisBackplaneOptions>>().Value));
        builder.Services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<RedisBackplaneOptions>, RedisBackplaneOptionsValidator>());
        builder.Services.AddOptions<RedisBackplaneOptions>()
            .Configure(configure ?? (static _ => { }))
            .Configure<IOptions<RedisStoreOptions>>(static (options, store) => options.KeyPrefix ??= store.Value.KeyPrefix)
            .ValidateOnStart();
        return builder;
    }
}
