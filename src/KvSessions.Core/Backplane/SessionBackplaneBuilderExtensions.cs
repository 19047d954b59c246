using KvSessions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets the memory caches of all nodes hear of each other's writes.</summary>
public static class SessionBackplaneBuilderExtensions
{
    /// <summary>
    /// Connects the memory cache of this node with those of the others by the backplane that <paramref name="create"/> makes, once. It is
    /// disposed with the services. Every process that writes sessions needs the same one, and a memory cache
    /// (<see cref="KvSessionsBuilder.AddMemoryCache"/>) with the same <see cref="SessionCacheOptions.MaxStaleness"/>, of 800 milliseconds at
    /// least: with a shorter one the backplane is never trusted.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is a backplane already. Or, when the host starts, there is no memory cache.</exception>
    public static KvSessionsBuilder AddBackplane<TBackplane>(this KvSessionsBuilder builder, Func<IServiceProvider, TBackplane> create)
        where TBackplane : class, ISessionBackplane
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(create);
        var services = builder.Services;
        if (services.Any(static service => service.ServiceType == typeof(ICoherence)))
        {
            throw new InvalidOperationException($"The sessions have a backplane already; {typeof(TBackplane).Name} cannot be a second one. Remove one of the two.");
        }

        services.AddSingleton(create);
        services.AddSingleton(static provider => new BackplaneCoherence(
            provider.GetRequiredService<TBackplane>(),
            provider.GetRequiredService<IOptions<SessionCacheOptions>>().Value.MaxStaleness,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<BackplaneCoherence>>()));
        services.AddSingleton<ICoherence>(static provider => provider.GetRequiredService<BackplaneCoherence>());

        // Later than the host makes its services, as the store is.
        services.AddSingleton(static provider => new Lazy<BackplaneCoherence>(provider.GetRequiredService<BackplaneCoherence>));
        services.AddHostedService<BackplaneService>();
        return builder;
    }
}
