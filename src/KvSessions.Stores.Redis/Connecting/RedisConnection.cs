using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace KvSessions.Stores.Redis;

/// <summary>
/// The connection of a store, made when it is first needed, or one that belongs to somebody else. Turns whatever goes wrong into a
/// <see cref="SessionStoreException"/>.
/// </summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    // Revocations hold at once: a replica may be behind.
    private const CommandFlags ReadFlags = CommandFlags.DemandMaster;

    // A script needs all of its keys. A server that is taking over a slot of a cluster does not have them all yet, so the driver must not
    // take the script there (ASK).
    private const CommandFlags ScriptFlags = CommandFlags.DemandMaster | CommandFlags.NoRedirect;

    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly ConfigurationOptions? _configuration;
    private readonly bool _allowsCluster;
    private readonly ILogger _log;
    private Task<IConnectionMultiplexer>? _connecting;
    private IDatabase? _database;
    private bool _isDisposed;
    private bool _isRefreshing;
    private long _refreshedAt;

    public RedisConnection(ConfigurationOptions configuration, bool allowsCluster, ILogger log)
    {
        // A copy of its own, in the driver's admin mode, in which a connection may look at the settings of the servers.
        _configuration = configuration.Clone();
        _configuration.AllowAdmin = true;
        _allowsCluster = allowsCluster;
        _log = log;
    }

    public RedisConnection(IConnectionMultiplexer multiplexer, bool allowsCluster, ILogger log)
    {
        _connecting = Task.FromResult(multiplexer);
        _allowsCluster = allowsCluster;
        _log = log;
    }

    /// <summary>Reads a hash, a key that is not there as one without fields.</summary>
    public ValueTask<HashEntry[]> ReadHashAsync(RedisKey key, CancellationToken ct) =>
        ReadAsync(key, static (database, key) => database.HashGetAllAsync(key, ReadFlags), ct);

    /// <summary>Reads a field of a hash; null if there is none.</summary>
    public ValueTask<RedisValue> ReadFieldAsync(RedisKey key, RedisValue field, CancellationToken ct) =>
        ReadAsync((key, field), static (database, at) => database.HashGetAsync(at.key, at.field, ReadFlags), ct);

    /// <summary>Runs a script.</summary>
    public async ValueTask<RedisResult> RunAsync(
        RedisScript script, RedisKey[] keys, RedisValue[] arguments, bool isWrite, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var database = Volatile.Read(ref _database) ?? await OpenAsync(ct).ConfigureAwait(false);
        try
        {
            return await RunAsync(database, script, keys, arguments, ct).ConfigureAwait(false);
        }
        catch (Exception exception) when (RedisFault.IsFault(exception, ct))
        {
            throw Fault(exception, isWrite);
        }
    }

    /// <summary>The multiplexer, connected or not.</summary>
    public async ValueTask<IConnectionMultiplexer> GetMultiplexerAsync(CancellationToken ct)
    {
        var connecting = Connecting();
        try
        {
            return _configuration is null
                ? await connecting.ConfigureAwait(false)
                : await connecting.WaitAsync(TimeSpan.FromMilliseconds(_configuration.AsyncTimeout), TimeProvider.System, ct).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw new SessionStoreException(SessionStoreError.Unavailable, "There is no connection to Redis yet.", exception);
        }
        catch (Exception exception) when (RedisFault.IsFault(exception, ct))
        {
            // The attempt to connect ran before anything could have been sent.
            throw new SessionStoreException(SessionStoreError.Unavailable, "Redis cannot be connected to.", exception);
        }
    }

    /// <summary>Why the store does not work on these servers; <see langword="null"/> if it does, or as long as that does not show.</summary>
    public string? ObjectionTo(IConnectionMultiplexer multiplexer) =>
        !_allowsCluster && Array.Exists(multiplexer.GetServers(), static server => server.ServerType == ServerType.Cluster)
            ? "This is a Redis Cluster, where all keys of this store have to be in one slot: give "
                + $"{nameof(RedisStoreOptions)}.{nameof(RedisStoreOptions.KeyPrefix)} a hash tag, as in \"{{sessions}}\"."
            : null;

    /// <summary>Closes the connection, if it is the store's own.</summary>
    public async ValueTask DisposeAsync()
    {
        Task<IConnectionMultiplexer>? connecting;
        lock (_gate)
        {
            _isDisposed = true;
            _database = null;
            connecting = _configuration is null ? null : _connecting;
        }

        if (connecting is null)
        {
            return;
        }

        await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (connecting.IsCompletedSuccessfully)
        {
            await (await connecting.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask<TResult> ReadAsync<TArgs, TResult>(TArgs args, Func<IDatabase, TArgs, Task<TResult>> readAsync, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var database = Volatile.Read(ref _database) ?? await OpenAsync(ct).ConfigureAwait(false);
        try
        {
            return await readAsync(database, args).WaitAsync(ct).ConfigureAwait(false);
        }
        catch (Exception exception) when (RedisFault.IsFault(exception, ct))
        {
            throw Fault(exception, isWrite: false);
        }
    }

    // Sent again only after what a server says before it runs anything.
    private static async Task<RedisResult> RunAsync(
        IDatabase database, RedisScript script, RedisKey[] keys, RedisValue[] arguments, CancellationToken ct)
    {
        try
        {
            return await database.ScriptEvaluateAsync(script.Hash, keys, arguments, ScriptFlags).WaitAsync(ct).ConfigureAwait(false);
        }
        catch (RedisServerException exception) when (exception.Kind is RedisErrorKind.NoScript or RedisErrorKind.Moved)
        {
            // A server that was restarted, promoted or flushed, or one that has handed over the slot, of which the driver has taken note.
            return await database.ScriptEvaluateAsync(script.Text, keys, arguments, ScriptFlags | CommandFlags.NoScriptCache)
                .WaitAsync(ct).ConfigureAwait(false);
        }
    }

    private async ValueTask<IDatabase> OpenAsync(CancellationToken ct)
    {
        var multiplexer = await GetMultiplexerAsync(ct).ConfigureAwait(false);
        if (ObjectionTo(multiplexer) is { } objection)
        {
            throw new SessionStoreException(SessionStoreError.Unavailable, objection);
        }

        var database = multiplexer.GetDatabase();

        // What kind of server it is shows only once it has been connected to.
        if (Array.Exists(multiplexer.GetServers(), static server => server.IsConnected))
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_isDisposed, typeof(RedisStore));
                _database = database;
            }
        }

        return database;
    }

    private Task<IConnectionMultiplexer> Connecting()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(RedisStore));

            // One attempt at a time, shared by all who wait; the next caller after a failure makes the next attempt.
            if (_connecting is null or { IsFaulted: true } or { IsCanceled: true })
            {
                _connecting = ConnectAsync(_configuration!);
            }

            return _connecting;
        }
    }

    private async Task<IConnectionMultiplexer> ConnectAsync(ConfigurationOptions configuration)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var multiplexer = await ConnectionMultiplexer.ConnectAsync(configuration).ConfigureAwait(false);
        multiplexer.ConnectionFailed += (_, lost) =>
        {
            if (lost.ConnectionType == ConnectionType.Interactive)
            {
                RedisStoreLog.ConnectionLost(_log, lost.Exception, lost.EndPoint, lost.FailureType);
            }
        };
        multiplexer.ConnectionRestored += (_, restored) =>
        {
            if (restored.ConnectionType == ConnectionType.Interactive)
            {
                RedisStoreLog.ConnectionRestored(_log, restored.EndPoint);
            }
        };
        return multiplexer;
    }

    private SessionStoreException Fault(Exception exception, bool isWrite)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, typeof(RedisStore));
        if (RedisFault.IsAboutTopology(exception))
        {
            Refresh();
        }

        return RedisFault.ToStoreException(exception, isWrite);
    }

    // The driver looks at the roles of its servers from time to time; whoever meets a replica in place of the master, or no master at all,
    // need not wait for that. Where there is one server it has no other to find, and connects again by itself.
    private void Refresh()
    {
        IConnectionMultiplexer multiplexer;
        lock (_gate)
        {
            if (_database is null || _isRefreshing || _database.Multiplexer.GetEndPoints().Length < 2
                || (_refreshedAt != 0 && TimeProvider.System.GetElapsedTime(_refreshedAt) < RefreshInterval))
            {
                return;
            }

            _isRefreshing = true;
            _refreshedAt = TimeProvider.System.GetTimestamp();
            multiplexer = _database.Multiplexer;
        }

        _ = RefreshAsync(multiplexer);
    }

    private async Task RefreshAsync(IConnectionMultiplexer multiplexer)
    {
        try
        {
            await multiplexer.ConfigureAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (RedisFault.IsFault(exception, CancellationToken.None))
        {
            RedisStoreLog.RefreshFailed(_log, exception);
        }
        finally
        {
            lock (_gate)
            {
                _isRefreshing = false;
            }
        }
    }
}
