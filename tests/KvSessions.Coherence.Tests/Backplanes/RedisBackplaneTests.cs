using KvSessions.Stores.Redis;
using KvSessions.TestServers;
using StackExchange.Redis;

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

    [Fact]
    public async Task Nothing_is_left_of_listening_that_could_not_begin()
    {
        await using var server = await RedisServer.StartOwnAsync();
        var options = ConfigurationOptions.Parse($"{server.Configuration},abortConnect=false");
        options.BacklogPolicy = BacklogPolicy.FailFast;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
        var backplane = new RedisBackplane(connection, new RedisBackplaneOptions { KeyPrefix = "left" });
        var subscriber = connection.GetSubscriber();
        var other = RedisChannel.Literal("other");
        await subscriber.SubscribeAsync(other);
        await server.StopAsync();
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<SessionStoreException>(() => Ear.OpenAsync(backplane));
        }

        // The driver subscribes again to all that it knows of, once it is connected again.
        await server.StartAsync();
        var redis = connection.GetServers()[0];
        await Eventually.TrueAsync(() => redis.IsConnected, "it is connected");
        await Eventually.TrueAsync(() => redis.SubscriptionSubscriberCount(other) == 1, "the other channel has its subscriber again");

        Assert.Equal(0, await redis.SubscriptionSubscriberCountAsync(RedisChannel.Literal("left/backplane")));
    }
}
