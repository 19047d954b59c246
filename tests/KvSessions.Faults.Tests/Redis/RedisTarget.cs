using KvSessions.Stores.Redis;
using KvSessions.TestServers;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace KvSessions.Faults.Tests;

/// <summary>A Redis server; that of a class of tests keeps what it acknowledged (<c>appendfsync always</c>).</summary>
public sealed class RedisTarget : Target
{
    private readonly RedisServerOptions _options;
    private RedisServer? _server;

    /// <summary>A server of a class of tests.</summary>
    public RedisTarget()
        : this(new RedisServerOptions { Durable = true })
    {
    }

    internal RedisTarget(RedisServerOptions options) => _options = options;

    public override TestServer Server => Redis;

    public override string Connection => Redis.Configuration;

    private RedisServer Redis => _server ?? throw new InvalidOperationException("The server has not been started.");

    public override string Through(TcpProxy proxy) => $"127.0.0.1:{proxy.Port}";

    public override void AddStore(KvSessionsBuilder builder, string connection) => builder.AddRedisStore(connection);

    public override ISubjectSessionStore PatientStore() => new RedisStore(Patient(Connection));

    public override Task WaitUntilAloneAsync() => WaitUntilAloneAsync(Connection);

    /// <summary>A connection of an administrator.</summary>
    internal Task<ConnectionMultiplexer> OpenAsync() => OpenAsync(Connection);

    public override async ValueTask InitializeAsync() => _server = await RedisServer.StartOwnAsync(_options);

    public override ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    internal static async Task<ConnectionMultiplexer> OpenAsync(string configuration) => await ConnectionMultiplexer.ConnectAsync(Patient(configuration));

    internal static async Task WaitUntilAloneAsync(string configuration)
    {
        await using var connection = await OpenAsync(configuration);
        await Eventually.TrueAsync(
            async () => ((string)(await connection.GetDatabase().ExecuteAsync("CLIENT", "LIST", "TYPE", "normal"))!)
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .All(static client => client.Contains($"name={Observer}", StringComparison.Ordinal)),
            "the server has no connection of an application");
    }

    internal static string Patient(string configuration) =>
        $"{configuration},name={Observer},asyncTimeout=30000,syncTimeout=30000,connectTimeout=30000,allowAdmin=true";
}
