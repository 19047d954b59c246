namespace KvSessions;

/// <summary>A load of one session that any number of callers wait for, each only as long as it likes.</summary>
/// <param name="stripe">The stripe of the session.</param>
/// <param name="handle">The session.</param>
/// <param name="atLeast">The version below which an answer is too old.</param>
/// <param name="epoch">How often the cache has been flushed.</param>
/// <param name="isForOthers">Whether others may join.</param>
/// <param name="beganAt">When it began.</param>
internal sealed class SharedLoad(
    CacheStripe stripe, SessionHandle handle, long atLeast, long epoch, bool isForOthers, long beganAt) : IDisposable
{
    private readonly TaskCompletionSource<SessionRecord?> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _abandoned = new();
    private readonly long _turn = stripe.Turn;
    private int _waiters = 1;
    private long _seen;
    private bool _isDone;

    public CacheStripe Stripe => stripe;

    public SessionHandle Handle => handle;

    /// <summary>The version below which an answer is too old.</summary>
    public long AtLeast => atLeast;

    /// <summary>When it began: what it brings may be as old as that.</summary>
    public long BeganAt => beganAt;

    /// <summary>How often the cache had been flushed when it began.</summary>
    public long Epoch => epoch;

    /// <summary>Cancelled when nobody waits any more.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>Adds one who waits, unless the answer may be too old for him. Under the gate.</summary>
    public bool TryJoin(long version, long currentEpoch)
    {
        if (!isForOthers || _turn != stripe.Turn || _seen > 0 || epoch != currentEpoch || atLeast < version)
        {
            return false;
        }

        _waiters++;
        return true;
    }

    /// <summary>Notes that somebody was told of a version meanwhile; <see cref="long.MaxValue"/> for the end. Under the gate.</summary>
    public void Saw(long version) => _seen = Math.Max(_seen, version);

    /// <summary>
    /// Whether what it brings may be kept: not after a write or news of one, not after a later load has begun, and not if somebody was told
    /// of something newer. Under the gate.
    /// </summary>
    public bool MayKeep(SessionRecord? record) =>
        _turn == stripe.Turn && stripe.FindLoad(handle) == this && (_seen == 0 || record?.Version >= _seen);

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
