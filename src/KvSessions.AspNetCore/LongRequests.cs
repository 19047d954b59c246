using System.Collections.Concurrent;

namespace KvSessions.AspNetCore;

/// <summary>Keeps sessions from ending for idleness while a request that carries them goes on: an upload, a stream, a socket.</summary>
internal sealed class LongRequests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<RequestSession, bool> _underWay = new();
    private readonly ITimer _timer;
    private int _isTicking;

    public LongRequests(TimeProvider clock) =>
        _timer = clock.CreateTimer(static state => ((LongRequests)state!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Begin(RequestSession request)
    {
        _underWay.TryAdd(request, true);
        if (Volatile.Read(ref _isTicking) == 0)
        {
            Start();
        }
    }

    public void End(RequestSession request) => _underWay.TryRemove(request, out _);

    public void Dispose() => _timer.Dispose();

    private void Start()
    {
        if (Interlocked.Exchange(ref _isTicking, 1) == 0)
        {
            _timer.Change(Interval, Interval);
        }
    }

    private void Tick()
    {
        foreach (var (request, _) in _underWay)
        {
            request.TouchIfLong();
        }

        if (_underWay.IsEmpty)
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Volatile.Write(ref _isTicking, 0);
            if (!_underWay.IsEmpty)
            {
                Start();
            }
        }
    }
}
