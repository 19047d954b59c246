using Microsoft.Extensions.Hosting;

namespace KvSessions;

/// <summary>Listens to the backplane as long as the host runs.</summary>
internal sealed class BackplaneService(Lazy<BackplaneCoherence> coherence, Lazy<ISessionStore> store) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The store brings its caches with it.
        _ = store.Value;
        if (!coherence.Value.HasCaches)
        {
            throw new InvalidOperationException("The sessions have a backplane and no memory cache, so that it would have nothing to do: call AddMemoryCache(), or leave the backplane out.");
        }

        coherence.Value.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) =>
        coherence.IsValueCreated ? coherence.Value.StopAsync(cancellationToken) : Task.CompletedTask;
}
