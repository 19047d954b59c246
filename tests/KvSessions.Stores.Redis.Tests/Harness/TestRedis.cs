using KvSessions.Stores.Redis.Tests;
using KvSessions.TestServers;

[assembly: AssemblyFixture(typeof(TestRedis))]

namespace KvSessions.Stores.Redis.Tests;

/// <summary>The server that the tests share, each with a prefix of its own.</summary>
public sealed class TestRedis : IAsyncLifetime
{
    private static RedisServer? _server;

    public static RedisServer Server => _server ?? throw new InvalidOperationException("The server has not been started.");

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartSharedAsync();

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
