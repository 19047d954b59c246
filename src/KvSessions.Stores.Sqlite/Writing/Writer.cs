using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace KvSessions.Stores.Sqlite;

/// <summary>
/// The one thread of a store that writes. It takes all waiting operations into one transaction, so that they share one flush of the
/// log to the disk, and acknowledges them when that is done.
/// </summary>
internal sealed class Writer(DatabaseFile file, SqliteStoreOptions options, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    /// <summary>The most operations that wait; a second's worth on a fast disk, so that more of them could not be served in time anyway.</summary>
    internal const int Capacity = 10_000;

    // A bound on what one transaction delays, and on what one failure takes with it.
    private const int MaxBatch = 256;

    private readonly WriteQueue _queue = new(Capacity);
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeSpan _busyTimeout = options.BusyTimeout;
    private readonly SqliteSynchronous _synchronous = options.Synchronous;
    private WriterConnection? _connection;
    private long _commits;
    private int _isStarted;

    /// <summary>How many transactions have been committed.</summary>
    public long Commits => Volatile.Read(ref _commits);

    public ValueTask<T> WriteAsync<T>(WriteOperation<T> operation, CancellationToken ct)
    {
        if (ct.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<T>(ct);
        }

        if (Interlocked.Exchange(ref _isStarted, 1) == 0)
        {
            // A thread of its own: it blocks on the disk, which would starve a pool of two.
            new Thread(Run) { IsBackground = true, Name = "KvSessions SQLite writer" }.Start();
        }

        operation.CancelWith(ct);
        if (!_queue.TryAdd(operation))
        {
            operation.Fail(Refusal());
        }

        return new ValueTask<T>(operation.Completion);
    }

    /// <summary>Lets nothing more in, carries out what waits, and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        if (Interlocked.Exchange(ref _isStarted, 1) == 0)
        {
            _finished.TrySetResult();
        }

        await _finished.Task.ConfigureAwait(false);
    }

    private Exception Refusal()
    {
        if (_queue.IsClosed)
        {
            return new ObjectDisposedException(nameof(SqliteStore));
        }

        SqliteStoreLog.QueueFull(logger, file.Path, Capacity);
        return new SessionStoreException(
            SessionStoreError.Unavailable,
            $"{Capacity} writes wait for the session database '{file.Path}' already: the disk is too slow for the traffic.");
    }

    private void Run()
    {
        var batch = new List<WriteOperation>(MaxBatch);
        while (_queue.WaitAndTake(batch, MaxBatch))
        {
            WriteTogether(batch);
            batch.Clear();
        }

        _connection?.Dispose();
        _finished.SetResult();
    }

    private void WriteTogether(List<WriteOperation> batch)
    {
        if (!TryBegin(batch))
        {
            return;
        }

        // What came while another process had the lock comes along.
        _queue.TakeMore(batch, MaxBatch);
        if (TryApply(batch, isLastAttempt: batch.Count == 1))
        {
            Commit(batch);
            return;
        }

        foreach (var operation in batch)
        {
            WriteAlone([operation]);
        }
    }

    // The second attempt of an operation whose transaction met an error of SQLite, which may have been the fault of another one.
    private void WriteAlone(List<WriteOperation> single)
    {
        if (!single[0].IsSettled && TryBegin(single) && TryApply(single, isLastAttempt: true))
        {
            Commit(single);
        }
    }

    private bool TryBegin(List<WriteOperation> batch)
    {
        try
        {
            _connection ??= WriterConnection.Open(file, _busyTimeout, _synchronous, logger);
            _connection.Begin(_busyTimeout);
            return true;
        }
        catch (Exception exception)
        {
            Abandon(exception);
            FailAll(batch, exception is SqliteException fault ? file.Fault(fault) : exception);
            return false;
        }
    }

    private bool TryApply(List<WriteOperation> batch, bool isLastAttempt)
    {
        try
        {
            foreach (var operation in batch)
            {
                if (!operation.IsSettled)
                {
                    operation.Apply(_connection!.Table, clock.GetUtcNow());
                }
            }

            return true;
        }
        catch (Exception exception)
        {
            Abandon(exception);
            if (isLastAttempt)
            {
                FailAll(batch, exception is SqliteException fault ? file.Fault(fault) : exception);
            }
            else
            {
                SqliteStoreLog.BatchSplit(logger, exception, file.Path, batch.Count);
            }

            return false;
        }
    }

    private void Commit(List<WriteOperation> batch)
    {
        try
        {
            _connection!.Commit();
        }
        catch (Exception exception)
        {
            Abandon(exception);
            FailAll(batch, exception is SqliteException fault ? SqliteFault.OfCommit(fault, file.Path) : exception);
            return;
        }

        Interlocked.Increment(ref _commits);
        foreach (var operation in batch)
        {
            operation.Acknowledge();
        }
    }

    private void FailAll(List<WriteOperation> batch, Exception exception)
    {
        SqliteStoreLog.BatchFailed(logger, exception, file.Path, batch.Count);
        foreach (var operation in batch)
        {
            operation.Fail(exception);
        }
    }

    // Closing a connection rolls its transaction back, so that what could not be undone in order is undone all the same.
    private void Abandon(Exception cause)
    {
        if (_connection is null || (SqliteFault.OutlivesConnection(cause) && _connection.TryRollback()))
        {
            return;
        }

        _connection.Dispose();
        _connection = null;
    }
}
