using System.Globalization;
using KvSessions.TestServers.Hosting;
using KvSessions.TestServers.Network;
using Npgsql;

namespace KvSessions.TestServers;

/// <summary>PgBouncer in transaction mode before a PostgreSQL server: two statements outside a transaction may reach two sessions. From the binary of this machine.</summary>
public sealed class PgBouncer : TestServer
{
    private readonly NpgsqlConnectionStringBuilder _server;
    private readonly int _poolSize;

    private PgBouncer(string serverConnectionString, int poolSize)
    {
        _server = new(serverConnectionString);
        _poolSize = poolSize;
    }

    /// <summary>How to connect through it, as the user of the server's connection string.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Host = Address, Port = Port }.ConnectionString;

    /// <summary>Starts it.</summary>
    /// <param name="serverConnectionString">The server, with the one user and password that clients will use.</param>
    /// <param name="poolSize">How many connections to the server it opens; default 4, fewer than most tests' clients.</param>
    /// <returns>PgBouncer, ready; whoever asked for it disposes it.</returns>
    /// <exception cref="TestServersException">It is not on this machine, or does not start.</exception>
    public static async Task<PgBouncer> StartAsync(string serverConnectionString, int poolSize = 4)
    {
        var bouncer = new PgBouncer(serverConnectionString, poolSize);
        await bouncer.InitializeAsync();
        return bouncer;
    }

    private protected override async Task<ServerHost> FindSharedAsync()
    {
        var program = Binaries.Find("pgbouncer")
            ?? throw new TestServersException("The test needs PgBouncer on this machine, on Linux (Debian: 'apt-get install pgbouncer').");
        var directory = RunDirectory.CreateFor("pgbouncer");
        var port = FreePort.Find();
        var userFile = Path.Combine(directory, "users");
        var settingsFile = Path.Combine(directory, "pgbouncer.ini");
        await File.WriteAllTextAsync(userFile, $"\"{_server.Username}\" \"{_server.Password}\"\n");
        await File.WriteAllTextAsync(settingsFile, string.Create(CultureInfo.InvariantCulture, $"""
            [databases]
            * = host={_server.Host} port={_server.Port}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = scram-sha-256
            auth_file = {userFile}
            pool_mode = transaction
            default_pool_size = {_poolSize}
            max_client_conn = 1000
            ignore_startup_parameters = extra_float_digits,search_path
            """));

        // It refuses root, as PostgreSQL does, and on Debian the user is the same.
        var user = ServerProcess.UserInsteadOfRoot("postgres");
        if (user is not null)
        {
            await ServerProcess.RunAsync(null, "chown", "-R", user, directory);
        }

        return new ServerProcess(program, [settingsFile], directory, port, user, Signal.Interrupt);
    }

    private protected override async Task ProbeAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("select 1", connection);
        await command.ExecuteScalarAsync(cancellationToken);
    }
}
