namespace KvSessions.Stores.Sqlite;

/// <summary>The operations that wait for the writer: a bounded queue that is emptied many at a time.</summary>
internal sealed class WriteQueue(int capacity)
{
    private readonly object _gate = new();
    private readonly Queue<WriteOperation> _waiting = new();
    private bool _isClosed;

    public bool IsClosed
    {
        get
        {
            lock (_gate)
            {
                return _isClosed;
            }
        }
    }

    /// <summary>Adds an operation.</summary>
    /// <returns><see langword="false"/> when the queue is full or closed.</returns>
    public bool TryAdd(WriteOperation operation)
    {
        lock (_gate)
        {
            if (_isClosed || _waiting.Count >= capacity)
            {
                return false;
            }

            _waiting.Enqueue(operation);
            if (_waiting.Count == 1)
            {
                Monitor.Pulse(_gate);
            }

            return true;
        }
    }

    /// <summary>Waits until there is something to do, and adds it to <paramref name="batch"/>.</summary>
    /// <returns><see langword="false"/> when the queue is closed and empty.</returns>
    public bool WaitAndTake(List<WriteOperation> batch, int most)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0)
            {
                if (_isClosed)
                {
                    return false;
                }

                Monitor.Wait(_gate);
            }

            Take(batch, most);
            return true;
        }
    }

    /// <summary>Adds to <paramref name="batch"/> what has come meanwhile.</summary>
    public void TakeMore(List<WriteOperation> batch, int most)
    {
        lock (_gate)
        {
            Take(batch, most);
        }
    }

    /// <summary>Lets nothing more in; what waits is still taken.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Take(List<WriteOperation> batch, int most)
    {
        while (batch.Count < most && _waiting.TryDequeue(out var operation))
        {
            batch.Add(operation);
        }
    }
}
