using KvSessions.Stores.Redis;
using KvSessions.TestServers;

namespace KvSessions.Coherence.Tests.Backplanes;

public sealed class RedisBackplaneTests(RedisTarget target) : BackplaneTests(target), IClassFixture<RedisTarget>
{
    [Fact]
    public async Task It_works_on_a_cluster_whichever_server_a_node_was_told_of()
    {
        var cluster = Open(await RedisCluster.StartAsync());
        var nodes = cluster.Masters.Select(server => Start(Open(new RedisBackplane(server.Configuration)))).ToArray();
        await TrustedAsync(nodes);
        var handle = SessionId.New().Handle;

        await nodes[0].Coherence.AnnounceAsync(handle, 2);

        await Eventually.TrueAsync(() => nodes[1..].All(node => node.Outdated.Contains((handle, 2))), "all have heard");
    }
}
