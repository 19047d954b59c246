using KvSessions;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds KvSessions to an application.</summary>
public static class KvSessionsServiceCollectionExtensions
{
    /// <summary>
    /// Adds sessions without a web server: for workers that list and end sessions (<see cref="SubjectSessions"/>), and for hosts with a
    /// transport of their own (<see cref="SessionFactory"/>). A web application calls <c>AddKvSessions</c> of the ASP.NET Core package.
    /// </summary>
    /// <returns>A builder that has to be given a store.</returns>
    public static KvSessionsBuilder AddKvSessionsCore(this IServiceCollection services, Action<KvSessionsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.FirstOrDefault(static service => service.ServiceType == typeof(KvSessionsBuilder))?.ImplementationInstance
            is not KvSessionsBuilder builder)
        {
            builder = new KvSessionsBuilder(services);
            services.AddSingleton(builder);
            services.TryAddSingleton(TimeProvider.System);
            services.AddSingleton<IValidateOptions<KvSessionsOptions>, KvSessionsOptionsValidator>();
            services.AddOptions<KvSessionsOptions>().ValidateOnStart();
            AddInternals(services);
        }

        if (configure is not null)
        {
            services.Configure(configure);
        }

        return builder;
    }

    private static void AddInternals(IServiceCollection services)
    {
        // By a factory: a host that looks at what types ask for would complain of a missing store before the options' validation can.
        services.AddSingleton(static provider => new StoreCalls(
            provider.GetRequiredService<ISessionStore>(),
            provider.GetRequiredService<IOptions<KvSessionsOptions>>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(static provider => new SessionTouches(
            provider.GetRequiredService<StoreCalls>(),
            provider.GetRequiredService<IOptions<KvSessionsOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SessionTouches>>()));
        services.AddSingleton(static provider => new SessionFactory(
            provider.GetRequiredService<StoreCalls>(),
            provider.GetRequiredService<SessionTouches>(),
            provider.GetRequiredService<IOptions<KvSessionsOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Session>>()));
        services.AddSingleton(static provider => new SubjectSessions(
            provider.GetRequiredService<StoreCalls>(), provider.GetRequiredService<ILogger<SubjectSessions>>()));

        // The host makes its services before it validates options, and a store that is made of bad options would be the one to
        // complain: so hosted services come to the store later, and all that is wrong is in one message.
        services.AddSingleton(static provider => new Lazy<ISessionStore>(provider.GetRequiredService<ISessionStore>));
        services.AddSingleton(static provider => new Lazy<SessionTouches>(provider.GetRequiredService<SessionTouches>));
        services.AddHostedService<SubjectLimitCheck>();
        services.AddHostedService<TouchDrain>();
        services.AddHostedService<SessionSweeper>();
    }
}
