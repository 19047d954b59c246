namespace KvSessions.AspNetCore;

/// <summary>Keeps sessions from ending for idleness while a request that carries them goes on: an upload, a stream, a socket.</summary>
internal sealed class LongRequests : IDisposable
{
    private const int Threads = 64;

    // Two cache lines.
    private const int PlacesPerThread = 16;

    // A thread notes its requests where the others do not write: to wait for each other's cache lines would take longer than all else here.
    private readonly RequestSession?[] _places = new RequestSession?[Threads * PlacesPerThread];

    // Those that have been under way for longer, and those that found no place. It is its own lock.
    private readonly HashSet<RequestSession> _others = [];

    private readonly Ticker _ticker;

    public LongRequests(TimeProvider clock) =>
        _ticker = new Ticker(clock, TouchAll, () => _others.Count == 0 && Array.TrueForAll(_places, static request => request is null));

    /// <returns>What <see cref="End"/> takes.</returns>
    public int Begin(RequestSession request)
    {
        var place = FindPlace(request);
        if (place < 0)
        {
            lock (_others)
            {
                _others.Add(request);
            }
        }

        _ticker.Wake();
        return place;
    }

    public void End(RequestSession request, int place)
    {
        if (place < 0 || Interlocked.CompareExchange(ref _places[place], null, request) != request)
        {
            lock (_others)
            {
                _others.Remove(request);
            }
        }
    }

    public void Dispose() => _ticker.Dispose();

    private int FindPlace(RequestSession request)
    {
        var first = Environment.CurrentManagedThreadId % Threads * PlacesPerThread;
        for (var place = first; place < first + PlacesPerThread; place++)
        {
            if (_places[place] is null && Interlocked.CompareExchange(ref _places[place], request, null) is null)
            {
                return place;
            }
        }

        return -1;
    }

    private void TouchAll()
    {
        RequestSession[] others;
        lock (_others)
        {
            others = [.. _others];
        }

        Array.ForEach(others, static request => request.TouchIfLong());
        foreach (ref var place in _places.AsSpan())
        {
            if (Volatile.Read(ref place) is { } request && request.TouchIfLong())
            {
                MakeRoom(ref place, request);
            }
        }
    }

    // It is in both places for a moment, or may have ended and begun again: whoever ends it finds it in one.
    private void MakeRoom(ref RequestSession? place, RequestSession request)
    {
        lock (_others)
        {
            if (_others.Add(request) && Interlocked.CompareExchange(ref place, null, request) != request)
            {
                _others.Remove(request);
            }
        }
    }
}
