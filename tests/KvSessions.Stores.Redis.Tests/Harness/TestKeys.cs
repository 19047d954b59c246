using StackExchange.Redis;

namespace KvSessions.Stores.Redis.Tests;

/// <summary>
/// The keys of one test, by their prefix, seen from outside of the store: moves them in time, damages them, counts them, removes them.
/// </summary>
internal sealed class TestKeys(IConnectionMultiplexer multiplexer, string prefix)
{
    // Every moment of every session becomes earlier, and so does the time to live of every key.
    private const string Shift =
        """
        local by = tonumber(ARGV[2])
        for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
          local left = redis.call('PTTL', key)
          if redis.call('TYPE', key).ok == 'hash' then
            local meta = redis.call('HGET', key, '\0')
            if meta then
              local before, created, seen, idle, absolute, rest = string.match(meta, '^(%d+ %d+ %d+ )(%-?%d+) (%-?%d+) (%-?%d*) (%-?%d*)( .*)$')
              local function moved(moment)
                return moment == '-' and '-' or string.format('%.0f', tonumber(moment) - by)
              end
              redis.call('HSET', key, '\0', before .. moved(created) .. ' ' .. moved(seen) .. ' ' .. idle .. ' ' .. moved(absolute) .. rest)
            end
          end
          if left > by then
            redis.call('PEXPIRE', key, string.format('%.0f', left - by))
          elseif left >= 0 then
            redis.call('DEL', key)
          end
        end
        """;

    public string Prefix { get; } = prefix;

    public IDatabase Database { get; } = multiplexer.GetDatabase();

    public RedisKey Session(SessionHandle handle) => $"{Prefix}/s/{handle}";

    public async Task ShiftAsync(TimeSpan by)
    {
        foreach (var server in Masters())
        {
            await server.ExecuteAsync("EVAL", [Shift, "0", $"{Prefix}/*", $"{(long)by.TotalMilliseconds}"], CommandFlags.DemandMaster);
        }
    }

    /// <summary>The names of all keys, without the prefix.</summary>
    public async Task<IReadOnlyList<string>> AllAsync()
    {
        var names = new List<string>();
        foreach (var server in Masters())
        {
            await foreach (var key in server.KeysAsync(pattern: $"{Prefix}/*", pageSize: 1000))
            {
                names.Add(key.ToString()[(Prefix.Length + 1)..]);
            }
        }

        return names;
    }

    /// <summary>The members of all indexes.</summary>
    public async Task<IReadOnlyList<string>> IndexedAsync()
    {
        var members = new List<string>();
        foreach (var name in (await AllAsync()).Where(static name => name.StartsWith("u/", StringComparison.Ordinal)))
        {
            members.AddRange((await Database.SortedSetRangeByRankAsync($"{Prefix}/{name}")).Select(static member => member.ToString()));
        }

        return members;
    }

    public async Task ReplaceFormatAsync(SessionHandle handle, string from, string to)
    {
        var meta = (await Database.HashGetAsync(Session(handle), "\0")).ToString();
        Assert.StartsWith(from + " ", meta, StringComparison.Ordinal);
        await Database.HashSetAsync(Session(handle), "\0", to + meta[from.Length..]);
    }

    public async Task RemoveAsync()
    {
        foreach (var name in await AllAsync())
        {
            await Database.KeyDeleteAsync($"{Prefix}/{name}");
        }
    }

    private IEnumerable<IServer> Masters() => multiplexer.GetServers().Where(static server => server is { IsConnected: true, IsReplica: false });
}
