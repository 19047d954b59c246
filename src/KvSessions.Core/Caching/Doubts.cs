using System.Collections.Concurrent;

namespace KvSessions;

/// <summary>
/// The sessions whose last write may yet be applied, though its caller was told that nobody knows: what is loaded meanwhile may be replaced
/// without this node hearing of it, so it is not kept.
/// </summary>
internal sealed class Doubts(TimeSpan period, TimeProvider clock)
{
    private const int MaxHandles = 10_000;

    private readonly ConcurrentDictionary<SessionHandle, long> _since = new();
    private long _allSince = long.MinValue;

    private bool IsAll => Volatile.Read(ref _allSince) is var since and > long.MinValue && IsRecent(since);

    public void Add(SessionHandle handle)
    {
        if (_since.Count >= MaxHandles)
        {
            ForgetOld();
        }

        if (_since.Count >= MaxHandles)
        {
            AddAll();
        }
        else
        {
            _since[handle] = clock.GetTimestamp();
        }
    }

    /// <summary>Doubts every session.</summary>
    public void AddAll() => Volatile.Write(ref _allSince, clock.GetTimestamp());

    public bool Contains(SessionHandle handle)
    {
        if (IsAll)
        {
            return true;
        }

        if (_since.IsEmpty || !_since.TryGetValue(handle, out var since))
        {
            return false;
        }

        if (IsRecent(since))
        {
            return true;
        }

        _since.TryRemove(KeyValuePair.Create(handle, since));
        return false;
    }

    private void ForgetOld()
    {
        foreach (var doubt in _since)
        {
            if (!IsRecent(doubt.Value))
            {
                _since.TryRemove(doubt);
            }
        }
    }

    private bool IsRecent(long since) => clock.GetElapsedTime(since) < period;
}
