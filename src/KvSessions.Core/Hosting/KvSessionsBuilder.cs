using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KvSessions;

/// <summary>Adds a store, and what goes with it, to the sessions of an application.</summary>
public sealed class KvSessionsBuilder
{
    private static readonly object StoreKey = new();

    private readonly List<Func<IServiceProvider, ISessionStore, ISessionStore>> _caches = [];
    private string? _store;
    private bool _hasMemoryCache;

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
        if (typeof(TStore) == typeof(ISessionStore))
        {
            // Under a key, so that the services still end the store itself where a cache takes its place.
            Services.AddKeyedSingleton<ISessionStore>(StoreKey, (services, _) => create(services));
            Services.AddSingleton(services => WithCaches(services, services.GetRequiredKeyedService<ISessionStore>(StoreKey)));
        }
        else
        {
            Services.AddSingleton(create);
            Services.AddSingleton(services => WithCaches(services, services.GetRequiredService<TStore>()));
        }

        return this;
    }

    /// <summary>
    /// Answers reads from the memory of the process where it can: <see cref="CachedSessionStore"/> says what that promises. It becomes the
    /// outermost cache: add it after a shared one.
    /// </summary>
    /// <param name="configure">Sets the cache's options, which are checked when the host starts.</param>
    /// <exception cref="InvalidOperationException">There is a memory cache already.</exception>
    public KvSessionsBuilder AddMemoryCache(Action<SessionCacheOptions>? configure = null)
    {
        if (_hasMemoryCache)
        {
            throw new InvalidOperationException("The sessions have a memory cache already; a second one would hold the same. Remove one of the two.");
        }

        _hasMemoryCache = true;
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SessionCacheOptions>, SessionCacheOptionsValidator>());
        Services.AddOptions<SessionCacheOptions>().Configure(configure ?? (static _ => { })).ValidateOnStart();
        _caches.Add(static (services, inner) => CachedSessionStore.InMemory(
            inner,
            services.GetRequiredService<IOptions<SessionCacheOptions>>().Value,
            services.GetRequiredService<TimeProvider>(),
            services.GetService<ICoherence>(),
            new CacheFigures(services.GetService<IMeterFactory>(), SessionCacheOptions.Name),
            OperationTimeout(services)));
        return this;
    }

    /// <summary>
    /// Answers reads from a <typeparamref name="TStore"/>, made once from the services, where it can: any store can be the cache of another.
    /// <see cref="CachedSessionStore"/> says what that promises. Of several caches the one that was added last is asked first.
    /// </summary>
    /// <param name="configure">Sets the cache's options, which are checked when the host starts.</param>
    /// <exception cref="InvalidOperationException">There is a memory cache already, which has to come last.</exception>
    public KvSessionsBuilder AddCache<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TStore>(
        Action<SharedCacheOptions>? configure = null)
        where TStore : class, ISessionStore =>
        AddCache(static services => ActivatorUtilities.CreateInstance<TStore>(services), configure);

    /// <summary>
    /// Answers reads from the store that <paramref name="create"/> makes, once, where it can. It is used for nothing else, is not found among
    /// the services, and is disposed with them.
    /// </summary>
    /// <param name="create">Makes the store that serves as the cache.</param>
    /// <param name="configure">Sets the cache's options, which are checked when the host starts.</param>
    /// <exception cref="InvalidOperationException">There is a memory cache already, which has to come last.</exception>
    public KvSessionsBuilder AddCache<TStore>(Func<IServiceProvider, TStore> create, Action<SharedCacheOptions>? configure = null)
        where TStore : class, ISessionStore
    {
        ArgumentNullException.ThrowIfNull(create);
        if (_hasMemoryCache)
        {
            throw new InvalidOperationException(
                $"A {typeof(TStore).Name} would be asked before the memory cache, which is faster and knows more. Add the memory cache last.");
        }

        var name = $"{typeof(TStore).Name}/{_caches.Count + 1}";
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SharedCacheOptions>, SharedCacheOptionsValidator>());
        Services.AddOptions<SharedCacheOptions>(name).Configure(configure ?? (static _ => { })).ValidateOnStart();
        Services.AddKeyedSingleton<ISessionStore>(name, (services, _) => create(services));
        _caches.Add((services, inner) => CachedSessionStore.Shared(
            inner,
            services.GetRequiredKeyedService<ISessionStore>(name),
            services.GetRequiredService<IOptionsMonitor<SharedCacheOptions>>().Get(name),
            services.GetRequiredService<TimeProvider>(),
            new CacheFigures(services.GetService<IMeterFactory>(), typeof(TStore).Name),
            OperationTimeout(services)));
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

    private static TimeSpan OperationTimeout(IServiceProvider services) =>
        services.GetRequiredService<IOptions<KvSessionsOptions>>().Value.OperationTimeout;

    // When the store is asked for, and not when it is added: so a cache may be added before it.
    private ISessionStore WithCaches(IServiceProvider services, ISessionStore store) =>
        _caches.Aggregate(store, (inner, add) => add(services, inner));
}
