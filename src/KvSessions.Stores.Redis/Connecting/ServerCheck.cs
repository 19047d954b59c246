using System.Globalization;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace KvSessions.Stores.Redis;

/// <summary>Looks at the settings of the servers, and warns of those that endanger sessions.</summary>
internal sealed class ServerCheck(RedisConnection connection, ILogger log)
{
    /// <returns>Whether all masters could be asked.</returns>
    public async Task<bool> RunAsync(CancellationToken ct)
    {
        try
        {
            var multiplexer = await connection.GetMultiplexerAsync(ct).ConfigureAwait(false);
            var masters = multiplexer.GetServers().Where(static server => server is { IsConnected: true, IsReplica: false }).ToList();
            foreach (var master in masters)
            {
                await CheckAsync(master, ct).ConfigureAwait(false);
            }

            return masters.Count > 0;
        }
        catch (Exception exception) when (exception is SessionStoreException || RedisFault.IsFault(exception, ct))
        {
            RedisStoreLog.CheckFailed(log, exception);
            return false;
        }
    }

    private async Task CheckAsync(IServer server, CancellationToken ct)
    {
        // Unlike CONFIG, INFO is open to every user by default, with managed services too.
        var info = (await server.InfoAsync().WaitAsync(ct).ConfigureAwait(false))
            .SelectMany(static section => section)
            .GroupBy(static entry => entry.Key)
            .ToDictionary(static entries => entries.Key, static entries => entries.First().Value);
        if (info.TryGetValue("maxmemory_policy", out var policy) && policy != "noeviction")
        {
            RedisStoreLog.MayEvict(log, server.EndPoint, policy);
        }

        if (info.GetValueOrDefault("aof_enabled") is not "0")
        {
            return;
        }

        if (await SnapshotsAsync(server, ct).ConfigureAwait(false) is not { } snapshots)
        {
            RedisStoreLog.PersistenceUnknown(log, server.EndPoint);
        }
        else if (snapshots.Length == 0)
        {
            RedisStoreLog.NotPersistent(log, server.EndPoint);
        }
    }

    // When the server writes a snapshot; nothing for never; null where it does not say.
    private static async Task<string?> SnapshotsAsync(IServer server, CancellationToken ct)
    {
        try
        {
            // Not by the driver's own method, which it keeps for connections in admin mode.
            var setting = await server.ExecuteAsync("CONFIG", "GET", "save").WaitAsync(ct).ConfigureAwait(false);
            return setting.Length == 2 ? Convert.ToString((RedisValue)setting[1], CultureInfo.InvariantCulture) : null;
        }
        catch (Exception exception) when (exception is RedisServerException or RedisCommandException)
        {
            return null;
        }
    }
}
