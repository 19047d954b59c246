using KvSessions;
using KvSessions.Stores.Memory;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the stores that keep sessions in the memory of the process.</summary>
public static class MemoryStoreBuilderExtensions
{
    /// <summary>Keeps the sessions in a <see cref="MemoryStore"/>.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets the store's options, which are checked when the host starts.</param>
    /// <exception cref="InvalidOperationException">There is a store already.</exception>
    public static KvSessionsBuilder AddMemoryStore(this KvSessionsBuilder builder, Action<MemoryStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddStore(static services => new MemoryStore(
            services.GetRequiredService<IOptions<MemoryStoreOptions>>(),
            services.GetService<TimeProvider>(),
            services.GetService<ILogger<MemoryStore>>()));
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MemoryStoreOptions>, MemoryStoreOptionsValidator>());
        builder.Services.AddOptions<MemoryStoreOptions>().Configure(configure ?? (static _ => { })).ValidateOnStart();
        return builder;
    }

    /// <summary>Keeps the sessions in an <see cref="ActorStore"/>; for development.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets the store's options, which are checked when the host starts.</param>
    /// <exception cref="InvalidOperationException">There is a store already.</exception>
    public static KvSessionsBuilder AddActorStore(this KvSessionsBuilder builder, Action<ActorStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddStore(static services => new ActorStore(
            services.GetRequiredService<IOptions<ActorStoreOptions>>(),
            services.GetService<TimeProvider>()));
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ActorStoreOptions>, ActorStoreOptionsValidator>());
        builder.Services.AddOptions<ActorStoreOptions>().Configure(configure ?? (static _ => { })).ValidateOnStart();
        return builder;
    }
}
