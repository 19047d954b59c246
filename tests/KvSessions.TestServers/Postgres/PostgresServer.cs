using System.Globalization;
using KvSessions.TestServers.Hosting;
using KvSessions.TestServers.Network;
using Npgsql;
using Testcontainers.PostgreSql;

namespace KvSessions.TestServers;

/// <summary>
/// A PostgreSQL server. As an assembly fixture: the one that <c>KVSESSIONS_TEST_POSTGRES</c> names (a connection string of a user who may
/// create schemas and roles), else a container, else the binaries of this machine, else a failure.
/// </summary>
/// <example><c>[assembly: AssemblyFixture(typeof(PostgresServer))]</c></example>
public sealed class PostgresServer : TestServer
{
    private const string Variable = "KVSESSIONS_TEST_POSTGRES";
    private const string User = "postgres";
    private const string Password = "postgres";
    private const int ContainerPort = 5432;

    private string? _named;

    /// <summary>How to connect as a superuser (for a server that is named by the environment: as the user named there).</summary>
    public string ConnectionString =>
        _named ?? new NpgsqlConnectionStringBuilder { Host = Address, Port = Port, Database = "postgres", Username = User, Password = Password }.ConnectionString;

    /// <summary>Finds or starts a server as the fixture does, outside xunit.</summary>
    /// <returns>The server, ready; whoever asked for it disposes it.</returns>
    /// <exception cref="TestServersException">No way led to a server.</exception>
    public static async Task<PostgresServer> StartSharedAsync()
    {
        var server = new PostgresServer();
        await server.InitializeAsync();
        return server;
    }

    /// <summary>Starts a server of a test's own, to be killed, paused or set up differently: never the one that the environment names.</summary>
    /// <param name="options">What the test asks of it.</param>
    /// <returns>The server, ready; whoever asked for it disposes it.</returns>
    /// <exception cref="TestServersException">No way led to a server.</exception>
    public static async Task<PostgresServer> StartOwnAsync(PostgresServerOptions? options = null)
    {
        var server = new PostgresServer();
        await server.InitializeAsync(() => CreateAsync(options ?? new()));
        return server;
    }

    private protected override async Task<ServerHost> FindSharedAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } named)
        {
            return await CreateAsync(new());
        }

        _named = named;
        var server = new NpgsqlConnectionStringBuilder(named);
        return new NamedServer(Variable, server.Host ?? "localhost", server.Port);
    }

    private protected override async Task ProbeAsync(CancellationToken cancellationToken)
    {
        var unpooled = new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false, Timeout = 5 };
        await using var connection = new NpgsqlConnection(unpooled.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("select 1", connection);
        await command.ExecuteScalarAsync(cancellationToken);
    }

    private static async Task<ServerHost> CreateAsync(PostgresServerOptions options)
    {
        if (options.Directory is null && Ways.Containers && await DockerEngine.FindAsync() is { } engine)
        {
            var port = FreePort.Find();
            var container = new PostgreSqlBuilder(Images.Postgres)
                .WithUsername(User)
                .WithPassword(Password)
                .WithPortBinding(port, ContainerPort)
                .WithLabel(RunDirectory.Label, RunDirectory.Path)
                .WithCommand([.. Arguments(options)])
                .Build();
            return new ServerContainer(engine, container, port, Signal.Interrupt);
        }

        if ((options.Directory is not null || Ways.Binaries) && Binaries.Find("postgres") is { } postgres && Binaries.Find("initdb") is { } initdb)
        {
            return await CreateProcessAsync(postgres, initdb, options);
        }

        throw Ways.NothingFound("PostgreSQL", Variable, "postgresql");
    }

    private static async Task<ServerProcess> CreateProcessAsync(string postgres, string initdb, PostgresServerOptions options)
    {
        var user = ServerProcess.UserInsteadOfRoot("postgres");
        var directory = RunDirectory.CreateFor("postgres");
        var data = Path.Combine(options.Directory ?? directory, "data");
        var passwordFile = Path.Combine(directory, "password");
        await File.WriteAllTextAsync(passwordFile, Password);
        if (user is not null)
        {
            await ServerProcess.RunAsync(null, "chown", "-R", user, directory, options.Directory ?? directory);
        }

        await ServerProcess.RunAsync(
            user, initdb, "--pgdata", data, "--username", User, "--pwfile", passwordFile, "--auth", "scram-sha-256",
            "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions");

        var port = FreePort.Find();
        string[] arguments =
        [
            "-D", data, "-p", port.ToString(CultureInfo.InvariantCulture), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",

            // Else a killed server leaves its shared memory outside its directory, where nobody would look for it.
            "-c", "dynamic_shared_memory_type=mmap",
            .. Arguments(options),
        ];
        return new ServerProcess(postgres, arguments, directory, port, user, Signal.Interrupt);
    }

    private static IEnumerable<string> Arguments(PostgresServerOptions options)
    {
        var durability = options.Durable ? "on" : "off";
        var settings = new Dictionary<string, string>
        {
            ["max_connections"] = "300",
            ["fsync"] = durability,
            ["full_page_writes"] = durability,
            ["synchronous_commit"] = durability,
        };
        foreach (var (name, value) in options.Settings)
        {
            settings[name] = value;
        }

        return settings.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" });
    }
}
