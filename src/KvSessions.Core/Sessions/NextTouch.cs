namespace KvSessions;

/// <summary>When a session is to be touched next.</summary>
internal sealed class NextTouch(SessionTouches touches, long dueAt)
{
    private long _dueAt = dueAt;
    private volatile bool _isForgotten;

    /// <summary>By the timestamps of the process's own clock.</summary>
    public long DueAt
    {
        get => Volatile.Read(ref _dueAt);
        set => Volatile.Write(ref _dueAt, value);
    }

    /// <summary>Puts it off, unless somebody else has just done so.</summary>
    public bool TryPutOff(long from, long to) => Interlocked.CompareExchange(ref _dueAt, to, from) == from;

    public void Forget() => _isForgotten = true;

    /// <summary>Whether an id that refers to this still may: not when another application of the process asks, nor when this was forgotten.</summary>
    public bool IsOf(SessionTouches asking) => touches == asking && !_isForgotten;
}
