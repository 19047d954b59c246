using System.Globalization;
using Xunit;

namespace KvSessions.TestServers;

/// <summary>A Redis master with one replica on loopback, from the binary of this machine.</summary>
public sealed class RedisReplication : IAsyncLifetime
{
    private RedisServer? _master;
    private RedisServer? _replica;

    /// <summary>The server that is the master at this moment.</summary>
    public RedisServer Master => _master ?? throw new InvalidOperationException("The servers have not been started.");

    /// <summary>The other one.</summary>
    public RedisServer Replica => _replica ?? throw new InvalidOperationException("The servers have not been started.");

    /// <summary>How to connect, as a configuration of StackExchange.Redis: both servers.</summary>
    public string Configuration => $"{Master.Configuration},{Replica.Configuration}";

    /// <summary>Starts both.</summary>
    /// <param name="options">What the test asks of each.</param>
    /// <returns>Both, with the replica up to date; whoever asked for them disposes them.</returns>
    /// <exception cref="TestServersException">Redis is not on this machine, or does not start.</exception>
    public static async Task<RedisReplication> StartAsync(RedisServerOptions? options = null)
    {
        var replication = new RedisReplication();
        await replication.InitializeAsync(options ?? new());
        return replication;
    }

    /// <summary>Starts both; called by xunit for a fixture.</summary>
    /// <returns>A task that ends when the replica is up to date.</returns>
    /// <exception cref="TestServersException">Redis is not on this machine, or does not start.</exception>
    public ValueTask InitializeAsync() => new(InitializeAsync(new()));

    /// <summary>
    /// Makes the replica the master, and <see cref="Master"/> and <see cref="Replica"/> change places. The old master is made a replica of the
    /// new one where it runs; what it had not passed on is lost, as in any failover. One that does not run comes back as a master of its own.
    /// </summary>
    /// <param name="demote">Whether the old master runs and becomes a replica.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that ends when the new master takes writes and, where the old one was made a replica, that is up to date.</returns>
    /// <exception cref="TestServersException">Redis refused a step.</exception>
    public async Task PromoteAsync(bool demote = true, CancellationToken cancellationToken = default)
    {
        using (var connection = await Replica.ConnectAsync(cancellationToken))
        {
            await connection.ExecuteAsync(cancellationToken, "REPLICAOF", "NO", "ONE");
        }

        (_master, _replica) = (_replica, _master);
        if (demote)
        {
            using var connection = await Replica.ConnectAsync(cancellationToken);
            await connection.ExecuteAsync(cancellationToken, "REPLICAOF", Master.Address, Master.Port);
            await WaitForReplicaAsync(cancellationToken);
        }
    }

    /// <summary>
    /// Lets the master hand over to the replica as its operator would (https://redis.io/docs/latest/commands/failover/): it takes no writes
    /// until the replica has all that it has, so that nothing is lost. <see cref="Master"/> and <see cref="Replica"/> change places.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that ends when the old master is a replica that is up to date.</returns>
    /// <exception cref="TestServersException">Redis refused a step.</exception>
    public async Task FailOverAsync(CancellationToken cancellationToken = default)
    {
        using (var connection = await Master.ConnectAsync(cancellationToken))
        {
            await connection.ExecuteAsync(cancellationToken, "FAILOVER");
        }

        (_master, _replica) = (_replica, _master);
        await WaitForReplicaAsync(cancellationToken);
    }

    /// <summary>Ends both and removes their data.</summary>
    /// <returns>A task that ends when nothing is left.</returns>
    public async ValueTask DisposeAsync()
    {
        if (_replica is not null)
        {
            await _replica.DisposeAsync();
        }

        if (_master is not null)
        {
            await _master.DisposeAsync();
        }
    }

    private async Task InitializeAsync(RedisServerOptions options)
    {
        try
        {
            _master = await RedisServer.StartMemberAsync(With(options, "repl-diskless-sync-delay", "0"));
            _replica = await RedisServer.StartMemberAsync(
                With(With(options, "repl-diskless-sync-delay", "0"), "replicaof", string.Create(CultureInfo.InvariantCulture, $"{_master.Address} {_master.Port}")));
            await WaitForReplicaAsync(default);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private Task WaitForReplicaAsync(CancellationToken cancellationToken) => Replica.WaitAsync(
        async patience =>
        {
            using var connection = await Replica.ConnectAsync(patience);
            var state = await connection.ExecuteTextAsync(patience, "INFO", "replication");
            if (!state.Contains("master_link_status:up", StringComparison.Ordinal))
            {
                throw new TestServersException($"The replica is not up to date: {state}");
            }

            // The master may not have heard of that yet, and refuse to write for want of replicas.
            using var master = await Master.ConnectAsync(patience);
            var known = await master.ExecuteTextAsync(patience, "INFO", "replication");
            if (!known.Contains("state=online", StringComparison.Ordinal) || known.Contains("min_slaves_good_slaves:0", StringComparison.Ordinal))
            {
                throw new TestServersException($"The master does not count on its replica: {known}");
            }
        },
        cancellationToken);

    private static RedisServerOptions With(RedisServerOptions options, string name, string value) =>
        options with { Settings = new Dictionary<string, string>(options.Settings) { [name] = value } };
}
