using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace KvSessions;

/// <summary>Adds a store, and what goes with it, to the sessions of an application.</summary>
public sealed class KvSessionsBuilder
{
    private string? _store;

    internal KvSessionsBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services of the application, for packages that extend this builder.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Keeps the sessions in a <typeparamref name="TStore"/>, made once from the services.</summary>
    /// <exception cref="InvalidOperationException">There is a store already.</exception>
    public KvSessionsBuilder AddStore<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TStore>()
        where TStore : class, ISessionStore =>
        AddStore(static services => ActivatorUtilities.CreateInstance<TStore>(services));

    /// <summary>Keeps the sessions in the store that <paramref name="create"/> makes, once. It is disposed with the services.</summary>
    /// <exception cref="InvalidOperationException">There is a store already.</exception>
    public KvSessionsBuilder AddStore<TStore>(Func<IServiceProvider, TStore> create)
        where TStore : class, ISessionStore
    {
        ArgumentNullException.ThrowIfNull(create);
        if (_store is not null)
        {
            throw new InvalidOperationException(
                $"The sessions are kept in {_store} already; {typeof(TStore).Name} cannot be a second store. Remove one of the two.");
        }

        _store = typeof(TStore).Name;
        Services.AddSingleton(create);
        if (typeof(TStore) != typeof(ISessionStore))
        {
            Services.AddSingleton<ISessionStore>(static services => services.GetRequiredService<TStore>());
        }

        return this;
    }

    /// <summary>
    /// Brings the store's schema up to date when the host starts, before it serves requests
    /// (<see cref="IMigratableSessionStore.MigrateUpAsync"/>). The start fails if that fails. A store without a schema needs nothing.
    /// </summary>
    public KvSessionsBuilder MigrateOnStartup()
    {
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, StartupMigration>());
        return this;
    }
}
