namespace KvSessions.AspNetCore;

/// <summary>
/// The ids of the cookies that came last. One that comes again, as it does with what belongs to a page, has been checked and hashed: that
/// is most of what it costs to read a session from memory. It is a secret, so it is forgotten within two seconds of its last request.
/// </summary>
internal sealed class RecentIds : IDisposable
{
    private const int Count = 8192;

    private readonly Entry?[] _entries = new Entry?[Count];
    private readonly Ticker _ticker;

    public RecentIds(TimeProvider clock) =>
        _ticker = new Ticker(clock, Age, () => Array.TrueForAll(_entries, static entry => entry is null));

    public SessionId? Find(ReadOnlySpan<char> cookie)
    {
        var entry = Volatile.Read(ref PlaceOf(cookie));

        // The place depends on all of the cookie and on a random number: how long a comparison takes says nothing of what is there.
        if (entry is null || !cookie.SequenceEqual(entry.Cookie))
        {
            return null;
        }

        if (!entry.IsUsed)
        {
            entry.IsUsed = true;
        }

        return entry.Id;
    }

    public void Add(ReadOnlySpan<char> cookie, SessionId id)
    {
        Volatile.Write(ref PlaceOf(cookie), new Entry(cookie.ToString(), id));
        _ticker.Wake();
    }

    public void Dispose() => _ticker.Dispose();

    // Whoever comes last has the place.
    private ref Entry? PlaceOf(ReadOnlySpan<char> cookie) => ref _entries[string.GetHashCode(cookie) & (Count - 1)];

    private void Age()
    {
        foreach (ref var place in _entries.AsSpan())
        {
            // Late ticks may come at the same time.
            var entry = Volatile.Read(ref place);
            if (entry is { IsUsed: true })
            {
                entry.IsUsed = false;
            }
            else if (entry is not null)
            {
                Interlocked.CompareExchange(ref place, null, entry);
            }
        }
    }

    private sealed class Entry(string cookie, SessionId id)
    {
        public string Cookie { get; } = cookie;

        public SessionId Id { get; } = id;

        /// <summary>Whether it was looked for since the last tick.</summary>
        public bool IsUsed { get; set; } = true;
    }
}
