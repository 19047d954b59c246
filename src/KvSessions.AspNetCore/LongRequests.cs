namespace KvSessions.AspNetCore;

/// <summary>Keeps sessions from ending for idleness while a request that carries them goes on: an upload, a stream, a socket.</summary>
internal sealed class LongRequests : IDisposable
{
    // One for each processor, so that requests seldom wait for each other; each is its own lock.
    private readonly LinkedList<RequestSession>[] _underWay =
        [.. Enumerable.Range(0, Environment.ProcessorCount).Select(static _ => new LinkedList<RequestSession>())];

    private readonly Ticker _ticker;

    public LongRequests(TimeProvider clock) =>
        _ticker = new Ticker(clock, TouchAll, () => Array.TrueForAll(_underWay, static list => list.Count == 0));

    /// <returns>What <see cref="End"/> takes.</returns>
    public LinkedListNode<RequestSession> Begin(RequestSession request)
    {
        var list = _underWay[Thread.GetCurrentProcessorId() % _underWay.Length];
        LinkedListNode<RequestSession> place;
        lock (list)
        {
            place = list.AddLast(request);
        }

        _ticker.Wake();
        return place;
    }

    public static void End(LinkedListNode<RequestSession> place)
    {
        var list = place.List!;
        lock (list)
        {
            list.Remove(place);
        }
    }

    public void Dispose() => _ticker.Dispose();

    private void TouchAll()
    {
        foreach (var list in _underWay)
        {
            RequestSession[] requests;
            lock (list)
            {
                requests = [.. list];
            }

            Array.ForEach(requests, static request => request.TouchIfLong());
        }
    }
}
