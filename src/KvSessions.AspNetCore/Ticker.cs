namespace KvSessions.AspNetCore;

/// <summary>Does something once a second, while there is something to do.</summary>
internal sealed class Ticker : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Action _tick;
    private readonly Func<bool> _isIdle;
    private readonly ITimer _timer;
    private int _isTicking;

    public Ticker(TimeProvider clock, Action tick, Func<bool> isIdle)
    {
        (_tick, _isIdle) = (tick, isIdle);
        _timer = clock.CreateTimer(static state => ((Ticker)state!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>There is something to do. Call it after the work is in its place: a last look there comes before the ticking stops.</summary>
    public void Wake()
    {
        // Either this sees that the ticking has stopped, or the last look sees the work.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isTicking) == 0 && Interlocked.Exchange(ref _isTicking, 1) == 0)
        {
            _timer.Change(Interval, Interval);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        _tick();
        if (_isIdle())
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Interlocked.Exchange(ref _isTicking, 0);
            if (!_isIdle())
            {
                Wake();
            }
        }
    }
}
