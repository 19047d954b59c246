using BitFaster.Caching.Lru;

namespace KvSessions;

/// <summary>
/// The entries of a cache, bounded in number and in bytes; what was not used for longest goes first. Reads take no lock; whoever changes
/// the entry of a handle holds the gate of its stripe.
/// </summary>
internal sealed class CacheEntries
{
    // A session that takes more than this part of the memory would push out too many others.
    private const int LargestFraction = 8;

    private readonly ConcurrentLru<SessionHandle, CacheEntry> _entries;
    private readonly long _maxBytes;
    private long _bytes;
    private int _isTrimming;

    public CacheEntries(int maxEntries, long maxBytes)
    {
        _maxBytes = maxBytes;
        _entries = new ConcurrentLru<SessionHandle, CacheEntry>(maxEntries);
        var events = _entries.Events.Value!;
        events.ItemRemoved += (_, removed) => TakeOff(removed.Value!);
        events.ItemUpdated += (_, updated) => TakeOff(updated.OldValue!);
    }

    public int Count => _entries.Count;

    public long Bytes => Interlocked.Read(ref _bytes);

    public CacheEntry? Find(SessionHandle handle) => _entries.TryGet(handle, out var entry) ? entry : null;

    public void Put(SessionHandle handle, CacheEntry entry)
    {
        if (entry.Bytes > _maxBytes / LargestFraction)
        {
            Remove(handle);
            return;
        }

        Interlocked.Add(ref _bytes, entry.Bytes);
        if (!_entries.TryUpdate(handle, entry))
        {
            _entries.AddOrUpdate(handle, entry);
        }
        else if (Find(handle) != entry)
        {
            // The one before it was given up for want of room meanwhile, and this one with it. Not asked of a new one: a look counts as a use.
            TakeOff(entry);
        }
    }

    public void Remove(SessionHandle handle) => _entries.TryRemove(handle);

    public void Clear() => _entries.Clear();

    /// <summary>Lets entries go until the rest fits. Not to be called under a gate.</summary>
    public void Trim()
    {
        if (Bytes <= _maxBytes || Interlocked.Exchange(ref _isTrimming, 1) != 0)
        {
            return;
        }

        try
        {
            while (Bytes > _maxBytes && _entries.Count > 0)
            {
                _entries.Policy.Eviction.Value!.Trim(Math.Max(1, _entries.Count / 64));
            }
        }
        finally
        {
            Volatile.Write(ref _isTrimming, 0);
        }
    }

    private void TakeOff(CacheEntry entry)
    {
        if (entry.TryTakeOff())
        {
            Interlocked.Add(ref _bytes, -entry.Bytes);
        }
    }
}
