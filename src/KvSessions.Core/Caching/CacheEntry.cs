namespace KvSessions;

/// <summary>A record in memory, and what is known about it. A change is another entry, and each is put once.</summary>
internal sealed class CacheEntry
{
    // The objects around the values, as a 64-bit process lays them out: the entry, its place in the cache, the record and its expiry; and
    // for each key the key's string, the value's array, and their place in the map.
    private const int FixedBytes = 600;
    private const int BytesPerKey = 100;

    private readonly long _expiresAtTicks;
    private int _isTakenOff;

    /// <param name="record">The record.</param>
    /// <param name="validatedAt">The timestamp before the store was asked: the record was the newest then, or a moment later.</param>
    /// <param name="epoch">How often the cache had been flushed by then.</param>
    public CacheEntry(SessionRecord record, long validatedAt, long epoch)
    {
        (Record, ValidatedAt, Epoch) = (record, validatedAt, epoch);
        _expiresAtTicks = record.ExpiresAt.UtcTicks;
        Bytes = FixedBytes + (BytesPerKey * record.Values.Count) + record.Values.TotalBytes + (2 * (record.Subject?.Length ?? 0));
    }

    public SessionRecord Record { get; }

    public long ValidatedAt { get; }

    public long Epoch { get; }

    /// <summary>About how much memory it takes.</summary>
    public long Bytes { get; }

    /// <summary>Whether this is the first time: its bytes are taken off once, whoever finds that it is gone.</summary>
    public bool TryTakeOff() => Interlocked.Exchange(ref _isTakenOff, 1) == 0;

    public bool IsExpiredAt(DateTimeOffset now) => now.UtcTicks >= _expiresAtTicks;
}
