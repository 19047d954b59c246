using KvSessions;
using KvSessions.Stores.Redis;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Keeps sessions in Redis.</summary>
public static class RedisStoreBuilderExtensions
{
    /// <summary>Keeps the sessions in a <see cref="RedisStore"/> with a connection of its own.</summary>
    /// <param name="builder">The sessions of the application.</param>
    /// <param name="configuration">The servers, for example <c>localhost:6379</c>; see <see cref="RedisStore(string, RedisStoreOptions, ILogger{RedisStore})"/>.</param>
    /// <param name="configure">Changes settings. What is wrong with them is reported when the host starts.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="configuration"/> cannot be read.</exception>
    /// <exception cref="InvalidOperationException">There is a store already.</exception>
    public static KvSessionsBuilder AddRedisStore(
        this KvSessionsBuilder builder, string configuration, Action<RedisStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddRedisStore(RedisConfiguration.Parse(configuration), configure);
    }

    /// <summary>Keeps the sessions in a <see cref="RedisStore"/> with a connection of its own.</summary>
    /// <param name="builder">The sessions of the application.</param>
    /// <param name="configuration">How to connect, taken as it is; see <see cref="RedisStore(ConfigurationOptions, RedisStoreOptions, ILogger{RedisStore})"/>.</param>
    /// <param name="configure">Changes settings. What is wrong with them is reported when the host starts.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">There is a store already.</exception>
    public static KvSessionsBuilder AddRedisStore(
        this KvSessionsBuilder builder, ConfigurationOptions configuration, Action<RedisStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configuration);
        return builder.AddRedisStore((services, options, logger) => new RedisStore(configuration, options, logger), configure);
    }

    /// <summary>Keeps the sessions in a <see cref="RedisStore"/> on a connection of the application's, which is not disposed.</summary>
    /// <param name="builder">The sessions of the application.</param>
    /// <param name="multiplexer">The connection.</param>
    /// <param name="configure">Changes settings. What is wrong with them is reported when the host starts.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">There is a store already.</exception>
    public static KvSessionsBuilder AddRedisStore(
        this KvSessionsBuilder builder, IConnectionMultiplexer multiplexer, Action<RedisStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(multiplexer);
        return builder.AddRedisStore((services, options, logger) => new RedisStore(multiplexer, options, logger), configure);
    }

    /// <summary>Keeps the sessions in a <see cref="RedisStore"/> on the <see cref="IConnectionMultiplexer"/> of the services.</summary>
    /// <param name="builder">The sessions of the application.</param>
    /// <param name="configure">Changes settings. What is wrong with them is reported when the host starts.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">There is a store already.</exception>
    public static KvSessionsBuilder AddRedisStore(this KvSessionsBuilder builder, Action<RedisStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddRedisStore(
            static (services, options, logger) => new RedisStore(services.GetRequiredService<IConnectionMultiplexer>(), options, logger), configure);
    }

    private static KvSessionsBuilder AddRedisStore(
        this KvSessionsBuilder builder,
        Func<IServiceProvider, RedisStoreOptions, ILogger<RedisStore>?, RedisStore> create,
        Action<RedisStoreOptions>? configure)
    {
        builder.AddStore(services => create(
            services, services.GetRequiredService<IOptions<RedisStoreOptions>>().Value, services.GetService<ILogger<RedisStore>>()));
        builder.Services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<RedisStoreOptions>, RedisStoreOptionsValidator>());
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RedisServerCheck>());
        var options = builder.Services.AddOptions<RedisStoreOptions>();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        options.ValidateOnStart();
        return builder;
    }
}
