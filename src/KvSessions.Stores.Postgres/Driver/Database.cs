using Microsoft.Extensions.Logging;
using Npgsql;

namespace KvSessions.Stores.Postgres;

/// <summary>Runs statements on connections of a pool, and repeats those that may be repeated.</summary>
internal sealed class Database : IAsyncDisposable
{
    // A deadlock, or a plan that a migration made invalid: the server has rolled it back, so nothing speaks against trying again, but not forever.
    private const int MaxAttempts = 4;

    private readonly Pool _pool;
    private readonly TimeSpan _connectTimeout;
    private readonly ILogger _logger;
    private readonly Statements _statements;
    private volatile bool _isChecked;
    private volatile bool _isDisposed;

    public Database(PostgresStoreOptions options, TableNames names, Statements statements, ILogger logger)
    {
        _pool = new Pool(options);
        _connectTimeout = options.ConnectTimeout;
        _logger = logger;
        _statements = statements;
        Names = names;
    }

    public TableNames Names { get; }

    /// <summary>Runs a statement, under the lock <paramref name="lockKey"/> if there is one, in one transaction and one round trip.</summary>
    /// <returns>What was made of its rows; the default if there were none.</returns>
    public ValueTask<TResult?> RunAsync<TArgs, TResult>(Query<TArgs, TResult> query, TArgs args, CancellationToken ct, long? lockKey = null) =>
        _isChecked ? RunCheckedAsync(query, args, lockKey, ct) : CheckAndRunAsync(query, args, lockKey, ct);

    /// <summary>Opens a connection.</summary>
    /// <exception cref="SessionStoreException">There was none to be had within <paramref name="patience"/>.</exception>
    public async ValueTask<NpgsqlConnection> OpenAsync(TimeSpan patience, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_isDisposed, typeof(PostgresStore));

        using var outside = AmbientTransaction.Leave();
        var connection = _pool.DataSource.CreateConnection();
        try
        {
            using var limit = new CancellationTokenSource();
            var opening = connection.OpenAsync(limit.Token);
            if (!opening.IsCompletedSuccessfully)
            {
                await WaitAsync(opening, limit, patience, ct).ConfigureAwait(false);
            }

            return connection;
        }
        catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            ct.ThrowIfCancellationRequested();
            throw PostgresFault.OfOpening(exception, patience);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What a failed statement means to the caller; a cancelled call is that and nothing else.</summary>
    public Exception Fault(Exception exception, StatementKind kind, CancellationToken ct) =>
        ct.IsCancellationRequested
            ? new OperationCanceledException("The call was cancelled while the statement ran.", exception as OperationCanceledException, ct)
            : PostgresFault.OfStatement(exception, kind, Names);

    public ValueTask DisposeAsync()
    {
        _isDisposed = true;
        return _pool.DisposeAsync();
    }

    private static async Task WaitAsync(Task opening, CancellationTokenSource limit, TimeSpan patience, CancellationToken ct)
    {
        await using var registration = ct.UnsafeRegister(static limit => ((CancellationTokenSource)limit!).Cancel(), limit).ConfigureAwait(false);
        limit.CancelAfter(patience);
        await opening.ConfigureAwait(false);
    }

    private async ValueTask<TResult?> CheckAndRunAsync<TArgs, TResult>(
        Query<TArgs, TResult> query, TArgs args, long? lockKey, CancellationToken ct)
    {
        // Once for a store, and not for each statement: a node that runs while others migrate goes on with the tables that it knows.
        await RepeatAsync(
            static async (database, connection, _, ct) =>
            {
                var (version, processId) = await RunAsync(connection, database._statements.Check, false, ct).ConfigureAwait(false);
                Schema.ThrowUnlessCurrent(database.Names, version);
                database.LookForProxy(connection, processId);
                return true;
            },
            false,
            StatementKind.Read,
            ct).ConfigureAwait(false);
        _isChecked = true;
        return await RunCheckedAsync(query, args, lockKey, ct).ConfigureAwait(false);
    }

    // A proxy answers the login itself, and so another process than the one that said so then carries the statements out. If it gives each
    // transaction another one, a statement that is prepared on one of them is missing on the next, or is somebody else's of that name.
    private void LookForProxy(NpgsqlConnection connection, int processId)
    {
        if (processId != connection.ProcessID && _pool.TryStopPreparing())
        {
            PostgresStoreLog.NotPreparing(_logger, Names.Plain);
        }
    }

    private ValueTask<TResult?> RunCheckedAsync<TArgs, TResult>(Query<TArgs, TResult> query, TArgs args, long? lockKey, CancellationToken ct) =>
        RepeatAsync(
            static (database, connection, call, ct) => call.lockKey is { } key
                ? RunLockedAsync(connection, call.query, call.args, key, database.Names, ct)
                : RunAsync(connection, call.query, call.args, ct),
            (query, args, lockKey),
            query.Kind,
            ct);

    private async ValueTask<TResult> RepeatAsync<TCall, TResult>(
        Func<Database, NpgsqlConnection, TCall, CancellationToken, ValueTask<TResult>> run, TCall call, StatementKind kind, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            var connection = await OpenAsync(_connectTimeout, ct).ConfigureAwait(false);
            var cancellation = ct.CanBeCanceled ? new CancellationTokenSource() : null;
            var statement = RunAndCloseAsync(connection, run, call, cancellation?.Token ?? CancellationToken.None);
            try
            {
                return await statement.WaitAsync(ct).ConfigureAwait(false);
            }
            catch (Exception exception) when (IsFault(exception))
            {
                if (cancellation is not null && !statement.IsCompleted)
                {
                    _ = AbandonedStatement.EndAsync(statement, cancellation, TimeProvider.System);
                }

                if (ct.IsCancellationRequested || !MayRepeat(exception, kind, attempt))
                {
                    throw Fault(exception, kind, ct);
                }
            }
        }
    }

    private async Task<TResult> RunAndCloseAsync<TCall, TResult>(
        NpgsqlConnection connection,
        Func<Database, NpgsqlConnection, TCall, CancellationToken, ValueTask<TResult>> run,
        TCall call,
        CancellationToken ct)
    {
        await using (connection.ConfigureAwait(false))
        {
            return await run(this, connection, call, ct).ConfigureAwait(false);
        }
    }

    // A handle that is taken is an answer.
    private static bool IsFault(Exception exception) =>
        exception is NpgsqlException or OperationCanceledException && !PostgresFault.IsTakenHandle(exception);

    private bool MayRepeat(Exception exception, StatementKind kind, int attempt)
    {
        if (PostgresFault.WasRolledBack(exception) && attempt < MaxAttempts)
        {
            PostgresStoreLog.RepeatedAfterRollback(_logger, Names.Plain, ((PostgresException)exception).SqlState);
            return true;
        }

        // A connection may have died in the pool. Npgsql drops the other idle ones with it, so the next one is new, and once is enough.
        if (attempt == 1 && PostgresFault.MayRepeatElsewhere(exception, kind))
        {
            PostgresStoreLog.RepeatedOnNewConnection(_logger, Names.Plain, (exception as PostgresException)?.SqlState ?? exception.GetType().Name);
            return true;
        }

        return false;
    }

    private static async ValueTask<TResult?> RunAsync<TArgs, TResult>(
        NpgsqlConnection connection, Query<TArgs, TResult> query, TArgs args, CancellationToken ct)
    {
        using var command = new NpgsqlCommand(query.Sql, connection);
        query.Bind(command.Parameters, args);
        var reader = await command.ExecuteReaderAsync(ct).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            return await ReadToEndAsync(reader, query, args, ct).ConfigureAwait(false);
        }
    }

    private static async ValueTask<TResult?> RunLockedAsync<TArgs, TResult>(
        NpgsqlConnection connection, Query<TArgs, TResult> query, TArgs args, long lockKey, TableNames names, CancellationToken ct)
    {
        var batch = new NpgsqlBatch(connection);
        await using (batch.ConfigureAwait(false))
        {
            var locking = new NpgsqlBatchCommand(Statements.Lock);
            locking.Parameters.AddBigint(lockKey);
            batch.BatchCommands.Add(locking);
            var main = new NpgsqlBatchCommand(query.Sql);
            query.Bind(main.Parameters, args);
            batch.BatchCommands.Add(main);
            var reader = await batch.ExecuteReaderAsync(ct).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                await reader.ReadAsync(ct).ConfigureAwait(false);
                Isolation.ThrowIfWrong(reader.GetString(1), names);
                await reader.NextResultAsync(ct).ConfigureAwait(false);
                return await ReadToEndAsync(reader, query, args, ct).ConfigureAwait(false);
            }
        }
    }

    // To the very end: rows come before the commit, and only what comes after it says whether it succeeded.
    private static async ValueTask<TResult?> ReadToEndAsync<TArgs, TResult>(
        NpgsqlDataReader reader, Query<TArgs, TResult> query, TArgs args, CancellationToken ct)
    {
        TResult? result = default;
        while (await reader.ReadAsync(ct).ConfigureAwait(false))
        {
            result = query.Read(reader, args, result);
        }

        await reader.NextResultAsync(ct).ConfigureAwait(false);
        return result;
    }
}
