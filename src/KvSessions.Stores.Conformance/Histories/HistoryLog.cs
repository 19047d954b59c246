namespace KvSessions.Stores.Conformance;

/// <summary>The calls of a history as they happen, and the one order of all calls and answers.</summary>
internal sealed class HistoryLog
{
    private readonly Lock _lock = new();
    private readonly List<HistoryEvent> _events = [];
    private long _time;

    public long Tick() => Interlocked.Increment(ref _time);

    public void Add(HistoryEvent call)
    {
        lock (_lock)
        {
            _events.Add(call);
        }
    }

    public IReadOnlyList<HistoryEvent> ToList()
    {
        lock (_lock)
        {
            return [.. _events];
        }
    }
}
