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

    /// <summary>There is something to do: to be called after that can be seen.</summary>
    public void Wake()
    {
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
            Volatile.Write(ref _isTicking, 0);
            if (!_isIdle())
            {
                Wake();
            }
        }
    }
}
