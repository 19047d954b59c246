using KvSessions.Stores.Postgres;
using KvSessions.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace KvSessions.Faults.Tests;

/// <summary>A PostgreSQL server that keeps what it acknowledged, with the tables of the sessions.</summary>
public sealed class PostgresTarget : Target
{
    private const string OfApplications = $"backend_type = 'client backend' AND application_name <> '{Observer}'";

    private readonly PostgresServerOptions _options;
    private PostgresServer? _server;

    /// <summary>A server of a class of tests.</summary>
    public PostgresTarget()
        : this(new PostgresServerOptions())
    {
    }

    internal PostgresTarget(PostgresServerOptions options) => _options = options;

    public override TestServer Server => Postgres;

    public override string Connection => Postgres.ConnectionString;

    private PostgresServer Postgres => _server ?? throw new InvalidOperationException("The server has not been started.");

    private string PatientConnection =>
        new NpgsqlConnectionStringBuilder(Connection) { ApplicationName = Observer, Pooling = false, Timeout = 30 }.ConnectionString;

    public override string Through(TcpProxy proxy) =>
        new NpgsqlConnectionStringBuilder(Connection) { Host = "127.0.0.1", Port = proxy.Port }.ConnectionString;

    public override void AddStore(KvSessionsBuilder builder, string connection) => builder.AddPostgresStore(connection);

    public override ISubjectSessionStore PatientStore() =>
        new PostgresStore(new PostgresStoreOptions
        {
            ConnectionString = new NpgsqlConnectionStringBuilder(PatientConnection) { Pooling = true }.ConnectionString,
            ConnectTimeout = TimeSpan.FromSeconds(30),
        });

    /// <summary>A connection of a superuser, outside any pool.</summary>
    internal async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(PatientConnection);
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Ends the connections of all applications.</summary>
    /// <returns>How many there were.</returns>
    internal static Task<long> EndApplicationsAsync(NpgsqlConnection connection) =>
        CountAsync(connection, $"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {OfApplications}");

    public override async Task WaitUntilAloneAsync()
    {
        await using var connection = await OpenAsync();
        await Eventually.TrueAsync(
            async () => await CountAsync(connection, $"SELECT count(*) FROM pg_stat_activity WHERE {OfApplications}") == 0,
            "the server has no connection of an application");
    }

    public override async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.StartOwnAsync(_options with { Durable = true });
        await PostgresStore.MigrateUpAsync(PatientConnection);
    }

    public override ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static async Task<long> CountAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
