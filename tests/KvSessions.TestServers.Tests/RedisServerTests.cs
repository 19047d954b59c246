namespace KvSessions.TestServers.Tests;

public sealed class RedisServerTests(RedisServer shared)
{
    [Fact]
    public async Task The_shared_server_answers()
    {
        using var connection = await shared.ConnectAsync();
        Assert.Equal("PONG", await connection.ExecuteTextAsync(default, "PING"));
    }

    [Fact]
    public async Task A_durable_server_keeps_its_port_and_what_was_acknowledged_over_kills_and_restarts()
    {
        await using var server = await RedisServer.StartOwnAsync(new() { Durable = true });
        var configuration = server.Configuration;

        for (var i = 0; i < 3; i++)
        {
            await ExecuteAsync(server, "RPUSH", "proof", i);
            await server.KillAsync();
            await Assert.ThrowsAnyAsync<Exception>(() => ExecuteAsync(server, "PING"));
            await server.StartAsync();
        }

        await server.RestartAsync();
        Assert.Equal(configuration, server.Configuration);
        Assert.Equal("3", await ExecuteAsync(server, "LLEN", "proof"));
    }

    [Fact]
    public async Task A_paused_server_takes_connections_and_answers_when_it_is_resumed()
    {
        await using var server = await RedisServer.StartOwnAsync();
        using var connection = await server.ConnectAsync();
        await server.PauseAsync();
        var answer = connection.ExecuteTextAsync(default, "PING");
        await Assert.ThrowsAsync<TimeoutException>(() => answer.WaitAsync(TimeSpan.FromMilliseconds(300)));

        await server.ResumeAsync();
        Assert.Equal("PONG", await answer);
    }

    [Fact]
    public async Task Settings_reach_the_server_and_its_log_can_be_read()
    {
        await using var server = await RedisServer.StartOwnAsync(new() { Settings = new Dictionary<string, string> { ["maxmemory"] = "16mb" } });
        Assert.Contains("maxmemory:16777216", await ExecuteAsync(server, "INFO", "memory"));
        Assert.Contains("Ready to accept connections", await server.ReadLogAsync());
    }

    [Fact]
    public async Task A_slot_with_its_keys_moves_to_another_master_of_a_cluster()
    {
        await using var cluster = await RedisCluster.StartAsync();
        var slot = int.Parse(await ExecuteAsync(cluster.Masters[0], "CLUSTER", "KEYSLOT", "{proof}"), null);
        var source = await cluster.OwnerAsync(slot);
        for (var i = 0; i < 250; i++)
        {
            await ExecuteAsync(cluster.Masters[source], "SET", $"{{proof}}{i}", i);
        }

        var target = (source + 1) % 3;
        Assert.Equal(250, await cluster.MigrateSlotAsync(slot, target));

        Assert.Equal(target, await cluster.OwnerAsync(slot));
        Assert.Equal("249", await ExecuteAsync(cluster.Masters[target], "GET", "{proof}249"));
        var moved = await Assert.ThrowsAsync<TestServersException>(() => ExecuteAsync(cluster.Masters[source], "GET", "{proof}249"));
        Assert.Contains($"MOVED {slot} 127.0.0.1:{cluster.Masters[target].Port}", moved.Message);
    }

    [Fact]
    public async Task A_replica_has_what_the_master_had_and_takes_its_place()
    {
        await using var servers = await RedisReplication.StartAsync();
        var (first, second) = (servers.Master, servers.Replica);
        await WriteToBothAsync(first, "1");

        await servers.PromoteAsync();

        Assert.Equal((second, first), (servers.Master, servers.Replica));
        Assert.Equal("1", await ExecuteAsync(second, "GET", "proof"));
        await WriteToBothAsync(second, "2");
        Assert.Equal("2", await ExecuteAsync(first, "GET", "proof"));
        await Assert.ThrowsAsync<TestServersException>(() => ExecuteAsync(first, "SET", "proof", "3"));
    }

    private static async Task WriteToBothAsync(RedisServer master, string value)
    {
        // WAIT is about the writes of its own connection.
        using var connection = await master.ConnectAsync();
        await connection.ExecuteAsync(default, "SET", "proof", value);
        Assert.Equal(1L, await connection.ExecuteAsync(default, "WAIT", 1, 30_000));
    }

    private static async Task<string> ExecuteAsync(RedisServer server, params object[] parts)
    {
        using var connection = await server.ConnectAsync();
        return await connection.ExecuteTextAsync(default, parts);
    }
}
