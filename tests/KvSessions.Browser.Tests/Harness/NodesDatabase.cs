using KvSessions.Browser.Tests;
using KvSessions.TestServers;

[assembly: AssemblyFixture(typeof(NodesDatabase))]

namespace KvSessions.Browser.Tests;

/// <summary>
/// The database of the sites that are several nodes. It is there before the first page and after the last, for a container that comes or
/// goes gives the machine other addresses, and Chromium then breaks off what it is loading (net::ERR_NETWORK_CHANGED).
/// </summary>
public sealed class NodesDatabase : IAsyncLifetime
{
    private PostgresServer? _server;

    public string ConnectionString => _server!.ConnectionString;

    public async ValueTask InitializeAsync() => _server = await PostgresServer.StartOwnAsync();

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
