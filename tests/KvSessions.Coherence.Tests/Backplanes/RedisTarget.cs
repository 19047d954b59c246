using KvSessions.Stores.Redis;
using KvSessions.TestServers;

namespace KvSessions.Coherence.Tests.Backplanes;

public sealed class RedisTarget : BackplaneTarget
{
    private RedisServer? _server;

    public override TestServer Server => Redis;

    // A machine that runs other things besides the tests may pause them.
    public override string Connection => $"{Redis.Configuration},asyncTimeout=30000,connectTimeout=30000";

    private RedisServer Redis => _server ?? throw new InvalidOperationException("The server has not been started.");

    public override string Through(TcpProxy proxy) => $"127.0.0.1:{proxy.Port}";

    public override ISessionBackplane Connect(string connection, string channel) =>
        new RedisBackplane(connection, new RedisBackplaneOptions { KeyPrefix = channel });

    public override async ValueTask InitializeAsync() => _server = await RedisServer.StartOwnAsync();

    public override ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
