namespace KvSessions.Stores.Sqlite;

/// <summary>
/// One call that waits for the writer. It is applied inside a transaction that it may share with others, and learns its result only
/// when that transaction is committed: until then even "gone" may rest on what another operation of the same transaction did.
/// </summary>
internal abstract class WriteOperation
{
    /// <summary>Whether nobody waits for it any more.</summary>
    public abstract bool IsSettled { get; }

    /// <summary>Does the work and keeps the result. May be called again after the transaction was rolled back.</summary>
    public abstract void Apply(SessionTable table, DateTimeOffset now);

    /// <summary>Tells the caller the result, now that it is committed.</summary>
    public abstract void Acknowledge();

    /// <summary>Tells the caller that it failed.</summary>
    public abstract void Fail(Exception exception);
}

/// <summary>An operation with a result.</summary>
internal abstract class WriteOperation<T> : WriteOperation
{
    // Continuations run elsewhere: the writer must not run requests.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _cancellation;
    private T _result = default!;
    private Exception? _rejection;

    public Task<T> Completion => _completion.Task;

    public sealed override bool IsSettled => _completion.Task.IsCompleted;

    /// <summary>From now on the caller is let go when <paramref name="ct"/> is cancelled; what has not been started by then never is.</summary>
    public void CancelWith(CancellationToken ct) =>
        _cancellation = ct.UnsafeRegister(
            static (operation, token) => ((WriteOperation<T>)operation!)._completion.TrySetCanceled(token), this);

    public sealed override void Apply(SessionTable table, DateTimeOffset now)
    {
        try
        {
            _rejection = null;
            _result = Execute(table, now);
        }
        catch (Exception exception) when (exception is SessionLimitException or SessionStoreException)
        {
            _rejection = exception;
        }
    }

    public sealed override void Acknowledge()
    {
        _cancellation.Unregister();
        if (_rejection is null)
        {
            _completion.TrySetResult(_result);
        }
        else
        {
            _completion.TrySetException(_rejection);
        }
    }

    public sealed override void Fail(Exception exception)
    {
        _cancellation.Unregister();
        _completion.TrySetException(exception);
    }

    /// <summary>
    /// Does the work. It decides before it writes: a <see cref="SessionLimitException"/> or <see cref="SessionStoreException"/> means
    /// that it has written nothing.
    /// </summary>
    protected abstract T Execute(SessionTable table, DateTimeOffset now);
}
