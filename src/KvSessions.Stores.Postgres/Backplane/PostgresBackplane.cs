using Npgsql;
using NpgsqlTypes;

namespace KvSessions.Stores.Postgres;

/// <summary>Carries messages between nodes by <c>LISTEN</c> and <c>NOTIFY</c>. <c>AddPostgresBackplane</c> adds one.</summary>
/// <remarks>
/// Listening takes a connection of its own, which keeps state in its database session and so does not work behind a proxy that gives each
/// transaction another one: <see cref="PostgresBackplaneOptions.ListenConnectionString"/>. Notifying works behind one. Disposing it
/// closes its own connections, and never a data source that it was given.
/// </remarks>
public sealed class PostgresBackplane : ISessionBackplane, IAsyncDisposable
{
    // A notification needs no place on the disk: whoever listens to a server that crashes hears of that.
    // https://www.postgresql.org/docs/current/sql-notify.html: a payload has less than 8,000 bytes; the longest message makes 5,464 of base64.
    private const string Notify = "SELECT pg_catalog.set_config('synchronous_commit', 'off', true), pg_catalog.pg_notify($1, $2)";

    // One at a time as long as the network answers; the others are for those that never came back.
    private const int MaxNotifying = 5;

    private const int UnlistenSeconds = 1;

    private readonly string _channel;
    private readonly NpgsqlDataSource? _ownNotifying;
    private readonly NpgsqlDataSource? _ownListening;
    private readonly NpgsqlDataSource _notifying;
    private readonly NpgsqlDataSource _listening;

    /// <summary>A backplane on the database that <paramref name="options"/> name. Nothing is opened before it is needed.</summary>
    /// <param name="options">The settings; later changes to them have no effect.</param>
    /// <exception cref="ArgumentException">An option is missing or out of range; the message names it.</exception>
    public PostgresBackplane(PostgresBackplaneOptions options)
    {
        PostgresBackplaneOptionsValidator.ThrowIfInvalid(options);
        var store = new PostgresStoreOptions();
        _channel = options.Channel ?? ChannelName.Of(store.Schema, store.Table);
        if (options.ConnectionString is { } text)
        {
            _ownNotifying = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(ConnectionText.Complete(text, isPreparing: false)) { MinPoolSize = 0, MaxPoolSize = MaxNotifying });
        }

        if ((options.ListenConnectionString ?? options.ConnectionString) is { } listening)
        {
            _ownListening = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(ConnectionText.Complete(listening, isPreparing: false)) { Pooling = false });
        }

        _notifying = options.DataSource ?? _ownNotifying!;
        _listening = _ownListening ?? options.DataSource!;
    }

    /// <inheritdoc/>
    public async ValueTask PublishAsync(ReadOnlyMemory<byte> message, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        var cancellation = new CancellationTokenSource();
        var notifying = NotifyAsync(Convert.ToBase64String(message.Span), cancellation.Token);
        try
        {
            await notifying.WaitAsync(ct).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsFault(exception, ct))
        {
            throw new SessionStoreException(SessionStoreError.UnknownOutcome, "A notification of PostgreSQL may not have been sent.", exception);
        }
        finally
        {
            if (!notifying.IsCompleted)
            {
                _ = AbandonedStatement.EndAsync(notifying, cancellation, TimeProvider.System);
            }
        }
    }

    /// <inheritdoc/>
    public async Task ListenAsync(ISessionBackplaneListener listener, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(listener);
        try
        {
            await ListenOnceAsync(listener, ct).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsFault(exception, ct))
        {
            throw new SessionStoreException(SessionStoreError.Unavailable, "There is no connection to PostgreSQL that listens.", exception);
        }
    }

    /// <summary>Closes the backplane's own connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_ownNotifying is not null)
        {
            await _ownNotifying.DisposeAsync().ConfigureAwait(false);
        }

        if (_ownListening is not null)
        {
            await _ownListening.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static bool IsFault(Exception exception, CancellationToken ct) =>
        exception is NpgsqlException or ObjectDisposedException || (exception is OperationCanceledException && !ct.IsCancellationRequested);

    private async Task NotifyAsync(string payload, CancellationToken ct)
    {
        // What is announced has been written, whatever becomes of a transaction of the application's.
        using var outside = AmbientTransaction.Leave();
        var command = _notifying.CreateCommand(Notify);
        await using (command.ConfigureAwait(false))
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _channel, NpgsqlDbType = NpgsqlDbType.Text });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = payload, NpgsqlDbType = NpgsqlDbType.Text });
            await command.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
        }
    }

    private async Task ListenOnceAsync(ISessionBackplaneListener listener, CancellationToken ct)
    {
        var connection = await _listening.OpenConnectionAsync(ct).ConfigureAwait(false);
        try
        {
            await ExecuteAsync(connection, $"LISTEN \"{_channel}\"", 0, ct).ConfigureAwait(false);
            connection.Notification += (_, notification) =>
            {
                if (notification.Channel == _channel)
                {
                    listener.OnMessage(Decode(notification.Payload));
                }
            };
            listener.OnListening();
            while (true)
            {
                await connection.WaitAsync(ct).ConfigureAwait(false);
            }
        }
        finally
        {
            _ = CloseAsync(connection);
        }
    }

    // Nobody waits for it: the server may not answer any more.
    private async Task CloseAsync(NpgsqlConnection connection)
    {
        await using (connection.ConfigureAwait(false))
        {
            if (_ownListening is null && connection.State == System.Data.ConnectionState.Open)
            {
                try
                {
                    // It goes back to the pool of the application.
                    await ExecuteAsync(connection, "UNLISTEN *", UnlistenSeconds, CancellationToken.None).ConfigureAwait(false);
                }
                catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException)
                {
                    // Then it is broken, and does not go back.
                }
            }
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, int timeoutSeconds, CancellationToken ct)
    {
        using var command = new NpgsqlCommand(sql, connection);
        if (timeoutSeconds > 0)
        {
            command.CommandTimeout = timeoutSeconds;
        }

        await command.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
    }

    // What somebody else has sent is passed on as it is: it must not be overlooked.
    private static byte[] Decode(string payload)
    {
        try
        {
            return Convert.FromBase64String(payload);
        }
        catch (FormatException)
        {
            return System.Text.Encoding.UTF8.GetBytes(payload);
        }
    }
}
