using System.Globalization;
using KvSessions.TestServers.Network;
using Xunit;

namespace KvSessions.TestServers;

/// <summary>A Redis Cluster of three masters on loopback, from the binary of this machine: nodes in containers could not reach each other by the addresses that they tell clients.</summary>
public sealed class RedisCluster : IAsyncLifetime
{
    private const int Slots = 16_384;
    private const int KeysAtOnce = 100;
    private const int MigrateMilliseconds = 5_000;

    private readonly List<RedisServer> _masters = [];

    /// <summary>The masters, in the order of the slots that they began with: 0 to 5460, 5461 to 10921, 10922 to 16383.</summary>
    public IReadOnlyList<RedisServer> Masters => _masters;

    /// <summary>How to connect, as a configuration of StackExchange.Redis: every master.</summary>
    public string Configuration => string.Join(',', _masters.Select(master => master.Configuration));

    /// <summary>Starts a cluster.</summary>
    /// <param name="options">What the test asks of each master.</param>
    /// <returns>The cluster, ready; whoever asked for it disposes it.</returns>
    /// <exception cref="TestServersException">Redis is not on this machine, or does not start.</exception>
    public static async Task<RedisCluster> StartAsync(RedisServerOptions? options = null)
    {
        var cluster = new RedisCluster();
        await cluster.InitializeAsync(options ?? new());
        return cluster;
    }

    /// <summary>Starts the cluster; called by xunit for a fixture.</summary>
    /// <returns>A task that ends when every master serves its slots and knows the others.</returns>
    /// <exception cref="TestServersException">Redis is not on this machine, or does not start.</exception>
    public ValueTask InitializeAsync() => new(InitializeAsync(new()));

    /// <summary>The master that a slot is at.</summary>
    /// <param name="slot">0 to 16383.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Its place in <see cref="Masters"/>.</returns>
    public async Task<int> OwnerAsync(int slot, CancellationToken cancellationToken = default)
    {
        using var connection = await _masters[0].ConnectAsync(cancellationToken);
        foreach (object?[] range in ((object?[])(await connection.ExecuteAsync(cancellationToken, "CLUSTER", "SLOTS"))!).Cast<object?[]>())
        {
            if ((long)range[0]! <= slot && slot <= (long)range[1]!)
            {
                var port = (long)((object?[])range[2]!)[1]!;
                return _masters.FindIndex(master => master.Port == port);
            }
        }

        throw new TestServersException($"No master serves slot {slot}.");
    }

    /// <summary>
    /// Moves one slot with all its keys to another master while clients go on, as https://redis.io/docs/latest/commands/cluster-setslot/
    /// describes it: clients are answered with ASK and TRYAGAIN meanwhile, and with MOVED afterwards.
    /// </summary>
    /// <param name="slot">0 to 16383.</param>
    /// <param name="target">The place of the new owner in <see cref="Masters"/>.</param>
    /// <param name="cancellationToken">Ends the moving, wherever it is.</param>
    /// <returns>The number of keys that were moved.</returns>
    /// <exception cref="TestServersException">Redis refused a step.</exception>
    public async Task<int> MigrateSlotAsync(int slot, int target, CancellationToken cancellationToken = default)
    {
        var source = await OwnerAsync(slot, cancellationToken);
        if (source == target)
        {
            return 0;
        }

        using var from = await _masters[source].ConnectAsync(cancellationToken);
        using var to = await _masters[target].ConnectAsync(cancellationToken);
        var targetId = await to.ExecuteTextAsync(cancellationToken, "CLUSTER", "MYID");
        await to.ExecuteAsync(cancellationToken, "CLUSTER", "SETSLOT", slot, "IMPORTING", await from.ExecuteTextAsync(cancellationToken, "CLUSTER", "MYID"));
        await from.ExecuteAsync(cancellationToken, "CLUSTER", "SETSLOT", slot, "MIGRATING", targetId);

        var moved = 0;
        while (await from.ExecuteAsync(cancellationToken, "CLUSTER", "GETKEYSINSLOT", slot, KeysAtOnce) is object[] { Length: > 0 } keys)
        {
            await from.ExecuteAsync(
                cancellationToken, ["MIGRATE", _masters[target].Address, _masters[target].Port, "", 0, MigrateMilliseconds, "KEYS", .. keys]);
            moved += keys.Length;
        }

        // The new owner first: as soon as the old one knows, it sends clients there.
        await to.ExecuteAsync(cancellationToken, "CLUSTER", "SETSLOT", slot, "NODE", targetId);
        await from.ExecuteAsync(cancellationToken, "CLUSTER", "SETSLOT", slot, "NODE", targetId);
        return moved;
    }

    /// <summary>Ends all masters and removes their data.</summary>
    /// <returns>A task that ends when nothing is left.</returns>
    public async ValueTask DisposeAsync()
    {
        foreach (var master in _masters)
        {
            await master.DisposeAsync();
        }
    }

    private async Task InitializeAsync(RedisServerOptions options)
    {
        try
        {
            for (var i = 0; i < 3; i++)
            {
                _masters.Add(await RedisServer.StartMemberAsync(options with
                {
                    Settings = new Dictionary<string, string>(options.Settings)
                    {
                        ["cluster-enabled"] = "yes",
                        ["cluster-node-timeout"] = "2000",

                        // Else 10,000 above the other port, where nobody has looked whether it is free.
                        ["cluster-port"] = FreePort.Find().ToString(CultureInfo.InvariantCulture),
                    },
                }));
            }

            await JoinAsync();
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private async Task JoinAsync()
    {
        using var entry = await _masters[0].ConnectAsync();
        var entryBus = ((object?[])(await entry.ExecuteAsync(default, "CONFIG", "GET", "cluster-port"))!)[1]!;
        for (var i = 0; i < _masters.Count; i++)
        {
            using var connection = await _masters[i].ConnectAsync();
            var (first, last) = (Slots * i / _masters.Count, (Slots * (i + 1) / _masters.Count) - 1);
            await connection.ExecuteAsync(default, "CLUSTER", "SET-CONFIG-EPOCH", i + 1);
            await connection.ExecuteAsync(default, "CLUSTER", "ADDSLOTSRANGE", first, last);
            if (i > 0)
            {
                await connection.ExecuteAsync(default, "CLUSTER", "MEET", _masters[0].Address, _masters[0].Port, entryBus);
            }
        }

        foreach (var master in _masters)
        {
            await master.WaitAsync(async cancellationToken =>
            {
                using var connection = await master.ConnectAsync(cancellationToken);
                var state = await connection.ExecuteTextAsync(cancellationToken, "CLUSTER", "INFO");
                if (!state.Contains("cluster_state:ok", StringComparison.Ordinal) || !state.Contains($"cluster_known_nodes:{_masters.Count}", StringComparison.Ordinal))
                {
                    throw new TestServersException(state);
                }
            });
        }
    }
}
