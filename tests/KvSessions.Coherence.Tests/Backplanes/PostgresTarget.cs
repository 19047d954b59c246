using KvSessions.Stores.Postgres;
using KvSessions.TestServers;
using Npgsql;

namespace KvSessions.Coherence.Tests.Backplanes;

public sealed class PostgresTarget : BackplaneTarget
{
    private PostgresServer? _server;

    public override TestServer Server => Postgres;

    public override string Connection => Postgres.ConnectionString;

    private PostgresServer Postgres => _server ?? throw new InvalidOperationException("The server has not been started.");

    public override string Through(TcpProxy proxy) =>
        new NpgsqlConnectionStringBuilder(Connection) { Host = "127.0.0.1", Port = proxy.Port }.ConnectionString;

    public override ISessionBackplane Connect(string connection, string channel) =>
        new PostgresBackplane(new() { ConnectionString = connection, Channel = channel });

    public override async ValueTask InitializeAsync() => _server = await PostgresServer.StartOwnAsync();

    public override ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
