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

    private readonly ConcurrentLru<SessionHandle, Slot> _entries;
    private readonly long _maxBytes;
    private long _bytes;
    private int _isTrimming;

    public CacheEntries(int maxEntries, long maxBytes)
    {
        _maxBytes = maxBytes;
        _entries = new ConcurrentLru<SessionHandle, Slot>(maxEntries);
        _entries.Events.Value!.ItemRemoved += (_, removed) => Interlocked.Add(ref _bytes, -removed.Value!.Vacate());
    }

    public int Count => _entries.Count;

    public long Bytes => Interlocked.Read(ref _bytes);

    public CacheEntry? Find(SessionHandle handle) => _entries.TryGet(handle, out var slot) ? slot.Entry : null;

    public void Put(SessionHandle handle, CacheEntry entry)
    {
        if (entry.Bytes > _maxBytes / LargestFraction)
        {
            Remove(handle);
        }
        else if (_entries.TryGet(handle, out var slot) && slot.TryReplace(entry, out var growth))
        {
            Interlocked.Add(ref _bytes, growth);
        }
        else
        {
            Interlocked.Add(ref _bytes, entry.Bytes);
            _entries.AddOrUpdate(handle, new Slot(entry));
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

    /// <summary>
    /// The place of an entry. It may be given up for want of room at any moment, also while its entry is being replaced; here the two come one
    /// after the other, so that the bytes of each entry are taken off exactly once.
    /// </summary>
    private sealed class Slot(CacheEntry entry)
    {
        private readonly Lock _gate = new();
        private volatile CacheEntry _entry = entry;
        private bool _isVacant;

        public CacheEntry Entry => _entry;

        public bool TryReplace(CacheEntry entry, out long growth)
        {
            lock (_gate)
            {
                growth = entry.Bytes - _entry.Bytes;
                if (!_isVacant)
                {
                    _entry = entry;
                }

                return !_isVacant;
            }
        }

        /// <returns>The bytes of the entry that was there last.</returns>
        public long Vacate()
        {
            lock (_gate)
            {
                _isVacant = true;
                return _entry.Bytes;
            }
        }
    }
}
