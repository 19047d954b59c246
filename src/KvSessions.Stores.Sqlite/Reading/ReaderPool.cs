using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace KvSessions.Stores.Sqlite;

/// <summary>A bounded number of readers, opened when first needed and kept open.</summary>
internal sealed class ReaderPool(DatabaseFile file, TimeSpan busyTimeout, int size, ILogger logger) : IAsyncDisposable
{
    private readonly SemaphoreSlim _free = new(size);
    private readonly Reader?[] _idle = new Reader?[size];
    private volatile bool _isDisposed;

    /// <summary>Reads on the caller's thread: SQLite has no asynchronous I/O, and a page that is in memory costs microseconds.</summary>
    public ValueTask<T> ReadAsync<T, TArgument>(TArgument argument, Func<Reader, TArgument, T> read, CancellationToken ct)
    {
        if (ct.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<T>(ct);
        }

        if (!_free.Wait(0, CancellationToken.None))
        {
            return WaitAndReadAsync(argument, read, ct);
        }

        try
        {
            return new ValueTask<T>(ReadAndRelease(argument, read));
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<T>(exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        for (var taken = 0; taken < size; taken++)
        {
            await _free.WaitAsync().ConfigureAwait(false);
        }

        foreach (var reader in _idle)
        {
            reader?.Dispose();
        }

        // Who waits now, or comes later, finds the pool disposed.
        _free.Release(size);
    }

    private async ValueTask<T> WaitAndReadAsync<T, TArgument>(TArgument argument, Func<Reader, TArgument, T> read, CancellationToken ct)
    {
        await _free.WaitAsync(ct).ConfigureAwait(false);
        return ReadAndRelease(argument, read);
    }

    private T ReadAndRelease<T, TArgument>(TArgument argument, Func<Reader, TArgument, T> read)
    {
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(SqliteStore));
            var reader = Take() ?? new Reader(file, busyTimeout);
            try
            {
                var result = read(reader, argument);
                Return(reader);
                return result;
            }
            catch (SqliteException exception) when (!SqliteFault.OutlivesConnection(exception))
            {
                SqliteStoreLog.ReaderFailed(logger, exception, file.Path);
                reader.Dispose();
                throw;
            }
            catch
            {
                Return(reader);
                throw;
            }
        }
        catch (SqliteException exception)
        {
            throw file.Fault(exception);
        }
        finally
        {
            _free.Release();
        }
    }

    // From the front, so that little traffic keeps to few connections, whose page caches are warm.
    private Reader? Take()
    {
        for (var i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is not null && Interlocked.Exchange(ref _idle[i], null) is { } reader)
            {
                return reader;
            }
        }

        return null;
    }

    private void Return(Reader reader)
    {
        for (var i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is null && Interlocked.CompareExchange(ref _idle[i], reader, null) is null)
            {
                return;
            }
        }

        reader.Dispose();
    }
}
