using Microsoft.Extensions.DependencyInjection;

namespace KvSessions.Faults.Tests;

/// <summary>An application that keeps its sessions on a server. It runs through whatever is done to that, and is never restarted.</summary>
internal sealed class Application : IAsyncDisposable
{
    // Never reached, but every sign-in is held against it.
    private const int MaxSessionsPerSubject = 100_000;

    private readonly ServiceProvider _services;

    public Application(Target target, string connection)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        target.AddStore(services.AddKvSessionsCore(options => options.MaxSessionsPerSubject = MaxSessionsPerSubject), connection);
        _services = services.BuildServiceProvider();
    }

    /// <summary>The store as the library calls it, with the operation timeout that it has by default.</summary>
    public StoreCalls Calls => _services.GetRequiredService<StoreCalls>();

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
