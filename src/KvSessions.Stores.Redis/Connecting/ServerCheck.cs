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
            if (connection.ObjectionTo(multiplexer) is { } objection)
            {
                RedisStoreLog.Refused(log, objection);
                return true;
            }

            var masters = multiplexer.GetServers().Where(static server => server is { IsConnected: true, IsReplica: false }).ToList();
            foreach (var master in masters)
            {
                await CheckAsync(master, ct).ConfigureAwait(false);
            }

            if (masters.Count == 0)
            {
                RedisStoreLog.CheckFailed(log, null);
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
        // In a script, because the driver keeps INFO for connections in admin mode, and this may be a connection of the application's.
        var info = Parse((await server.ExecuteAsync("EVAL", "return redis.call('INFO')", "0").WaitAsync(ct).ConfigureAwait(false)).ToString());
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

    // Lines of name:value, among headings and empty ones (https://redis.io/docs/latest/commands/info/).
    private static Dictionary<string, string> Parse(string info) =>
        info.Split("\r\n")
            .Select(static line => line.Split(':', 2))
            .Where(static parts => parts.Length == 2)
            .DistinctBy(static parts => parts[0])
            .ToDictionary(static parts => parts[0], static parts => parts[1]);

    // When the server writes a snapshot; nothing for never; null where it does not say.
    private static async Task<string?> SnapshotsAsync(IServer server, CancellationToken ct)
    {
        try
        {
            // Which no script may ask. A connection that is not in admin mode does not tell, and neither do some managed services.
            var setting = await server.ExecuteAsync("CONFIG", "GET", "save").WaitAsync(ct).ConfigureAwait(false);
            return setting.Length == 2 ? Convert.ToString((RedisValue)setting[1], CultureInfo.InvariantCulture) : null;
        }
        catch (Exception exception) when (exception is RedisServerException or RedisCommandException)
        {
            return null;
        }
    }
}
