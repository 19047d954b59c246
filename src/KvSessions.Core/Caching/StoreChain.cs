namespace KvSessions;

/// <summary>A store and the caches before it.</summary>
internal static class StoreChain
{
    /// <summary>The store behind all caches.</summary>
    public static ISessionStore StoreOf(ISessionStore store)
    {
        while (store is CachedSessionStore cached)
        {
            store = cached.Inner;
        }

        return store;
    }

    /// <summary>The store behind all caches, and the stores that serve as caches.</summary>
    public static IEnumerable<ISessionStore> AllOf(ISessionStore store)
    {
        while (store is CachedSessionStore cached)
        {
            if (cached.CacheStore is { } cache)
            {
                yield return cache;
            }

            store = cached.Inner;
        }

        yield return store;
    }
}
