using KvSessions.Stores.Redis.Tests;
using KvSessions.TestServers;

[assembly: AssemblyFixture(typeof(TestCluster))]

namespace KvSessions.Stores.Redis.Tests;

/// <summary>The Redis Cluster that the tests share, each with a hash tag of its own. It is started when the first of them needs it.</summary>
public sealed class TestCluster : IAsyncDisposable
{
    private static Lazy<Task<RedisCluster>>? _cluster;

    public TestCluster() => _cluster = new(static () => RedisCluster.StartAsync());

    public static Task<RedisCluster> GetAsync() => _cluster?.Value ?? throw new InvalidOperationException("There is no fixture.");

    public async ValueTask DisposeAsync()
    {
        if (_cluster is { IsValueCreated: true })
        {
            await (await _cluster.Value).DisposeAsync();
        }
    }
}
