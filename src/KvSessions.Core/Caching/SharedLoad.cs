namespace KvSessions;

/// <summary>A load of one session that any number of callers wait for, each only as long as it likes.</summary>
internal sealed class SharedLoad(CacheStripe stripe, SessionHandle handle, long atLeast, long epoch) : IDisposable
{
    private readonly TaskCompletionSource<SessionRecord?> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _abandoned = new();
    private int _waiters = 1;
    private bool _isDone;

    public CacheStripe Stripe => stripe;

    public SessionHandle Handle => handle;

    /// <summary>The version below which an answer is too old.</summary>
    public long AtLeast => atLeast;

    /// <summary>How often the cache had been flushed when it began.</summary>
    public long Epoch => epoch;

    /// <summary>The turn of its stripe when it began.</summary>
    public long Turn { get; } = stripe.Turn;

    /// <summary>Whether a write or a piece of news has come in since it began. Under the gate.</summary>
    public bool IsOvertaken => Turn != stripe.Turn;

    /// <summary>Cancelled when nobody waits any more.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>Adds one who waits. Under the gate, and while others may join.</summary>
    public void Join() => _waiters++;

    public async ValueTask<SessionRecord?> WaitAsync(TimeSpan patience, TimeProvider clock, CancellationToken ct)
    {
        try
        {
            return await _completion.Task.WaitAsync(patience, clock, ct).ConfigureAwait(false);
        }
        finally
        {
            Leave();
        }
    }

    public void Complete(SessionRecord? record) => _completion.SetResult(record);

    public void Fail(Exception fault)
    {
        _completion.SetException(fault);

        // Those who waited may all have gone; then nobody else looks at it.
        _ = _completion.Task.Exception;
    }

    /// <summary>Nobody can join it any more.</summary>
    public void Dispose()
    {
        lock (stripe.Gate)
        {
            _isDone = true;
            stripe.RemoveLoad(this);
            _abandoned.Dispose();
        }
    }

    private void Leave()
    {
        lock (stripe.Gate)
        {
            if (--_waiters == 0 && !_isDone)
            {
                stripe.RemoveLoad(this);
                _ = _abandoned.CancelAsync();
            }
        }
    }
}
