using KvSessions.Stores.Redis;
using KvSessions.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace KvSessions.Faults.Tests;

/// <summary>A Redis master with one replica; the application knows both, and the observer asks the master.</summary>
public sealed class RedisReplicationTarget : Target
{
    private readonly RedisServerOptions _options;
    private RedisReplication? _servers;

    internal RedisReplicationTarget(RedisServerOptions options) => _options = options;

    public override TestServer Server => Servers.Master;

    public override string Connection => Servers.Configuration;

    internal RedisReplication Servers => _servers ?? throw new InvalidOperationException("The servers have not been started.");

    public override string Through(TcpProxy proxy) => $"127.0.0.1:{proxy.Port}";

    public override void AddStore(KvSessionsBuilder builder, string connection) => builder.AddRedisStore(connection);

    public override ISubjectSessionStore PatientStore() => new RedisStore(RedisTarget.Patient(Servers.Master.Configuration));

    public override Task WaitUntilAloneAsync() => RedisTarget.WaitUntilAloneAsync(Servers.Master.Configuration);

    /// <summary>Waits until the replica has all that the master has acknowledged.</summary>
    internal async Task WaitForReplicaAsync()
    {
        await using var connection = await RedisTarget.OpenAsync(Servers.Master.Configuration);

        // Of this connection's own writes it waits, so it needs one.
        var database = connection.GetDatabase();
        await database.StringSetAsync("mark", "x");
        Assert.Equal(1, (int)await database.ExecuteAsync("WAIT", "1", "20000"));
    }

    /// <summary>Lets the replica follow the master by way of a proxy, and waits until it does.</summary>
    internal async Task FollowAsync(TcpProxy proxy)
    {
        await using (var connection = await RedisTarget.OpenAsync(Servers.Replica.Configuration))
        {
            await connection.GetServer(connection.GetEndPoints()[0]).ExecuteAsync("REPLICAOF", "127.0.0.1", $"{proxy.Port}");
        }

        await WaitForReplicaAsync();
    }

    public override async ValueTask InitializeAsync() => _servers = await RedisReplication.StartAsync(_options);

    public override ValueTask DisposeAsync() => _servers?.DisposeAsync() ?? ValueTask.CompletedTask;
}
