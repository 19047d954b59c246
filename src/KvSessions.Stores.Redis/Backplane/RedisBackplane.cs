using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace KvSessions.Stores.Redis;

/// <summary>Carries messages between nodes by Redis publish and subscribe, also on a Redis Cluster. <c>AddRedisBackplane</c> adds one.</summary>
/// <remarks>
/// A Redis user with rights of its own needs <c>PUBLISH</c>, <c>SUBSCRIBE</c> and <c>UNSUBSCRIBE</c>, and the channel
/// (https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/). Disposing it closes its own connection, and never one
/// that it was given.
/// </remarks>
public sealed class RedisBackplane : ISessionBackplane, IAsyncDisposable
{
    // A replica takes messages too, and does not pass them on to its master.
    private const CommandFlags Flags = CommandFlags.DemandMaster;

    private readonly RedisConnection? _own;
    private readonly Func<CancellationToken, ValueTask<IConnectionMultiplexer>> _connect;
    private readonly RedisChannel _channel;

    /// <summary>A backplane with a connection of its own, which is made when it is first needed and kept.</summary>
    /// <param name="configuration">The servers and how to connect to them; see <see cref="RedisStore(string, RedisStoreOptions, ILogger{RedisStore})"/>.</param>
    /// <param name="options">The settings; later changes to them have no effect.</param>
    /// <param name="logger">Hears of lost connections; nobody by default.</param>
    /// <exception cref="ArgumentException">The configuration cannot be read, or an option is out of range.</exception>
    public RedisBackplane(string configuration, RedisBackplaneOptions? options = null, ILogger<RedisBackplane>? logger = null)
        : this(RedisConfiguration.Parse(configuration), options, logger)
    {
    }

    /// <summary>A backplane with a connection of its own, which is made when it is first needed and kept.</summary>
    /// <param name="configuration">How to connect, taken as it is.</param>
    /// <param name="options">The settings; later changes to them have no effect.</param>
    /// <param name="logger">Hears of lost connections; nobody by default.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public RedisBackplane(ConfigurationOptions configuration, RedisBackplaneOptions? options = null, ILogger<RedisBackplane>? logger = null)
        : this(
            options,
            new RedisConnection(
                configuration ?? throw new ArgumentNullException(nameof(configuration)), allowsCluster: true, logger ?? (ILogger)NullLogger.Instance))
    {
    }

    /// <summary>A backplane on a connection that belongs to the caller, who disposes it.</summary>
    /// <param name="multiplexer">The connection.</param>
    /// <param name="options">The settings; later changes to them have no effect.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public RedisBackplane(IConnectionMultiplexer multiplexer, RedisBackplaneOptions? options = null)
        : this(options, _ => ValueTask.FromResult(multiplexer)) =>
        ArgumentNullException.ThrowIfNull(multiplexer);

    internal RedisBackplane(RedisStore store, RedisBackplaneOptions? options = null)
        : this(options, store.GetMultiplexerAsync)
    {
    }

    private RedisBackplane(RedisBackplaneOptions? options, RedisConnection own)
        : this(options, own.GetMultiplexerAsync) =>
        _own = own;

    private RedisBackplane(RedisBackplaneOptions? options, Func<CancellationToken, ValueTask<IConnectionMultiplexer>> connect)
    {
        var prefix = options?.KeyPrefix ?? new RedisStoreOptions().KeyPrefix;
        if (RedisStoreOptionsValidator.ObjectionToPrefix(prefix) is { } objection)
        {
            throw new ArgumentException(objection, nameof(options));
        }

        // On a cluster, every node talks to the server that has the slot of the channel's name: so there is one order for all of them.
        _channel = RedisChannel.Literal($"{prefix}/backplane").WithKeyRouting();
        _connect = connect;
    }

    /// <inheritdoc/>
    public async ValueTask PublishAsync(ReadOnlyMemory<byte> message, CancellationToken ct = default)
    {
        var multiplexer = await _connect(ct).ConfigureAwait(false);
        try
        {
            await multiplexer.GetSubscriber().PublishAsync(_channel, message, Flags).WaitAsync(ct).ConfigureAwait(false);
        }
        catch (Exception exception) when (RedisFault.IsFault(exception, ct))
        {
            throw RedisFault.ToStoreException(exception, isWrite: true);
        }
    }

    /// <inheritdoc/>
    public async Task ListenAsync(ISessionBackplaneListener listener, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(listener);
        var multiplexer = await _connect(ct).ConfigureAwait(false);
        var lost = new TaskCompletionSource<SessionStoreException>(TaskCreationOptions.RunContinuationsAsynchronously);

        // The driver subscribes again by itself, and nobody would know what was missed. Whichever connection it is: that of one server is
        // one for all purposes, or one for each, depending on the version of the protocol.
        void OnLost(object? sender, ConnectionFailedEventArgs failure) =>
            lost.TrySetResult(new(SessionStoreError.Unavailable, "A connection to Redis is lost.", failure.Exception));

        multiplexer.ConnectionFailed += OnLost;
        ChannelMessageQueue? messages = null;
        try
        {
            messages = await multiplexer.GetSubscriber().SubscribeAsync(_channel, Flags).WaitAsync(ct).ConfigureAwait(false);
            if (!multiplexer.GetSubscriber().IsConnected(_channel))
            {
                throw new SessionStoreException(SessionStoreError.Unavailable, "There is no connection to Redis.");
            }

            listener.OnListening();
            throw await PassOnAsync(messages, listener, lost.Task, ct).ConfigureAwait(false);
        }
        catch (Exception exception) when (RedisFault.IsFault(exception, ct))
        {
            throw RedisFault.ToStoreException(exception, isWrite: false);
        }
        finally
        {
            multiplexer.ConnectionFailed -= OnLost;
            if (messages is not null)
            {
                messages.Unsubscribe(CommandFlags.FireAndForget);
            }
            else
            {
                // The driver keeps a queue for whoever could not subscribe, and would fill it once it is connected again.
                multiplexer.GetSubscriber().Unsubscribe(_channel, null, CommandFlags.FireAndForget);
            }
        }
    }

    /// <summary>Closes the connection, unless it belongs to somebody else.</summary>
    public ValueTask DisposeAsync() => _own?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static async Task<SessionStoreException> PassOnAsync(
        ChannelMessageQueue messages, ISessionBackplaneListener listener, Task<SessionStoreException> lost, CancellationToken ct)
    {
        while (true)
        {
            var reading = messages.ReadAsync(ct).AsTask();
            if (await Task.WhenAny(reading, lost).ConfigureAwait(false) == lost)
            {
                return await lost.ConfigureAwait(false);
            }

            ReadOnlyMemory<byte> message = (await reading.ConfigureAwait(false)).Message;
            listener.OnMessage(message.Span);
        }
    }
}
