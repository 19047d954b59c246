using System.Globalization;
using KvSessions.TestServers.Hosting;
using KvSessions.TestServers.Network;
using Testcontainers.Redis;

namespace KvSessions.TestServers;

/// <summary>
/// A Redis server. As an assembly fixture: the one that <c>KVSESSIONS_TEST_REDIS</c> names (a configuration of StackExchange.Redis whose
/// first endpoint answers without a password), else a container, else the binary of this machine, else a failure.
/// </summary>
/// <example><c>[assembly: AssemblyFixture(typeof(RedisServer))]</c></example>
public sealed class RedisServer : TestServer
{
    private const string Variable = "KVSESSIONS_TEST_REDIS";
    private const int ContainerPort = 6379;
    private const int DefaultPort = 6379;

    private string? _named;

    /// <summary>How to connect, as a configuration of StackExchange.Redis: <c>host:port</c>.</summary>
    public string Configuration => _named ?? $"{Address}:{Port}";

    /// <summary>Finds or starts a server as the fixture does, outside xunit.</summary>
    /// <returns>The server, ready; whoever asked for it disposes it.</returns>
    /// <exception cref="TestServersException">No way led to a server.</exception>
    public static async Task<RedisServer> StartSharedAsync()
    {
        var server = new RedisServer();
        await server.InitializeAsync();
        return server;
    }

    /// <summary>Starts a server of a test's own, to be killed, paused or set up differently: never the one that the environment names.</summary>
    /// <param name="options">What the test asks of it.</param>
    /// <returns>The server, ready; whoever asked for it disposes it.</returns>
    /// <exception cref="TestServersException">No way led to a server.</exception>
    public static async Task<RedisServer> StartOwnAsync(RedisServerOptions? options = null)
    {
        var server = new RedisServer();
        await server.InitializeAsync(() => CreateAsync(options ?? new()));
        return server;
    }

    /// <summary>Starts a server that others of this machine can reach by the port that clients know: a member of a cluster, a replica.</summary>
    internal static async Task<RedisServer> StartMemberAsync(RedisServerOptions options)
    {
        var server = new RedisServer();
        await server.InitializeAsync(() => Task.FromResult<ServerHost>(
            CreateProcess(options) ?? throw new TestServersException("The test needs redis-server on this machine, on Linux (Debian: 'apt-get install redis-server').")));
        return server;
    }

    /// <summary>Opens a connection for commands, outside any driver.</summary>
    internal Task<RedisConnection> ConnectAsync(CancellationToken cancellationToken = default) => RedisConnection.OpenAsync(Address, Port, cancellationToken);

    private protected override async Task<ServerHost> FindSharedAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } named)
        {
            return await CreateAsync(new());
        }

        _named = named;
        var endpoint = named.Split(',')[0].Split(':');
        return new NamedServer(Variable, endpoint[0], endpoint.Length > 1 ? int.Parse(endpoint[1], CultureInfo.InvariantCulture) : DefaultPort);
    }

    private protected override async Task ProbeAsync(CancellationToken cancellationToken)
    {
        using var connection = await ConnectAsync(cancellationToken);
        await connection.ExecuteAsync(cancellationToken, "PING");
    }

    private static async Task<ServerHost> CreateAsync(RedisServerOptions options)
    {
        if (options.Directory is null && Ways.Containers && await DockerEngine.FindAsync() is { } engine)
        {
            var port = FreePort.Find();
            var container = new RedisBuilder(Images.Redis)
                .WithPortBinding(port, ContainerPort)
                .WithLabel(RunDirectory.Label, RunDirectory.Path)
                .WithCommand(["redis-server", .. Arguments(options)])
                .Build();
            return new ServerContainer(engine, container, port, Signal.Terminate);
        }

        return (options.Directory is not null || Ways.Binaries ? CreateProcess(options) : null) ?? throw Ways.NothingFound("Redis", Variable, "redis-server");
    }

    private static ServerProcess? CreateProcess(RedisServerOptions options)
    {
        if (Binaries.Find("redis-server") is not { } program)
        {
            return null;
        }

        var directory = RunDirectory.CreateFor("redis");
        var port = FreePort.Find();
        string[] arguments = ["--bind", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture), "--dir", options.Directory ?? directory, .. Arguments(options)];
        return new ServerProcess(program, arguments, directory, port, user: null, Signal.Terminate);
    }

    private static IEnumerable<string> Arguments(RedisServerOptions options)
    {
        var settings = new Dictionary<string, string>
        {
            ["save"] = "",
            ["appendonly"] = options.Durable ? "yes" : "no",
            ["appendfsync"] = options.Durable ? "always" : "no",
        };
        foreach (var (name, value) in options.Settings)
        {
            settings[name] = value;
        }

        return settings.SelectMany(setting => new[] { $"--{setting.Key}", setting.Value });
    }
}
