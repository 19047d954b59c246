using KvSessions.Stores.Redis.Tests;
using KvSessions.TestServers;

[assembly: AssemblyFixture(typeof(TestCluster))]

namespace KvSessions.Stores.Redis.Tests;

/// <summary>The Redis Cluster that the tests share, each with a hash tag of its own. It is started when the first of them needs it.</summary>
public sealed class TestCluster : IAsyncDisposable
{
    private static Lazy<Task<RedisCluster>>? s_cluster;

    public TestCluster() => s_cluster = new(static () => RedisCluster.StartAsync());

    public static Task<RedisCluster> GetAsync() => s_cluster?.Value ?? throw new InvalidOperationException("There is no fixture.");

    public async ValueTask DisposeAsync()
    {
        if (s_cluster is { IsValueCreated: true })
        {
            await (await s_cluster.Value).DisposeAsync();
        }
    }
}
