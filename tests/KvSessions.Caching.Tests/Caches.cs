using KvSessions.Stores.Conformance;
using KvSessions.Stores.Memory;
using KvSessions.Stores.Postgres.Tests;
using KvSessions.Stores.Redis.Tests;
using KvSessions.Stores.Sqlite.Tests;

namespace KvSessions.Caching.Tests;

/// <summary>The caches that are put before stores, each with its harness.</summary>
internal static class Caches
{
    // Longer than any test takes, and shorter than any of its moves of the clock.
    private static readonly TimeSpan MaxStaleness = TimeSpan.FromSeconds(50);

    public static ValueTask<SessionStoreHarness> MemoryOverMemoryAsync() => new(new CachedHarness(new MemoryHarness(), Memory()));

    public static async ValueTask<SessionStoreHarness> MemoryOverSqliteAsync() => new CachedHarness(await SqliteHarness.CreateAsync(), Memory());

    public static async ValueTask<SessionStoreHarness> MemoryOverPostgresAsync() => new CachedHarness(await PostgresHarness.CreateAsync(), Memory());

    public static async ValueTask<SessionStoreHarness> MemoryOverRedisAsync() => new CachedHarness(await RedisHarness.CreateAsync(), MovedMemory());

    public static async ValueTask<SessionStoreHarness> MemoryOverBreakableRedisAsync() =>
        new CachedHarness(await RedisHarness.CreateBreakableAsync(), MovedMemory());

    /// <summary>The store with one writer as the cache of a durable one.</summary>
    public static async ValueTask<SessionStoreHarness> ActorOverSqliteAsync()
    {
        var sqlite = (SqliteHarness)await SqliteHarness.CreateAsync();
        var cache = new ActorStore(timeProvider: sqlite.Clock);
        return new CachedHarness(sqlite, new CacheSetup
        {
            Open = (store, clock) => CachedSessionStore.Shared(store, cache, Patient(), clock),
            ForgetShared = () => sqlite.AdvanceAsync(MaxStaleness),
            Close = cache.DisposeAsync,
        });
    }

    public static async ValueTask<SessionStoreHarness> RedisOverPostgresAsync() => await OverRedisAsync(static (store, _) => store);

    public static async ValueTask<SessionStoreHarness> MemoryOverRedisOverPostgresAsync() => await OverRedisAsync(InMemory(MaxStaleness));

    public static async ValueTask<SessionStoreHarness> ValidatedOverRedisOverPostgresAsync() =>
        await OverRedisAsync(InMemory(TimeSpan.Zero), moves: true);

    /// <summary>As it has to be for nodes without a backplane that want to see each other's writes at once.</summary>
    public static async ValueTask<SessionStoreHarness> ValidatedAsync(ValueTask<SessionStoreHarness> store) =>
        new CachedHarness(await store, new CacheSetup { Open = InMemory(TimeSpan.Zero), Moves = true });

    private static CacheSetup Memory() => new() { Open = InMemory(MaxStaleness) };

    private static CacheSetup MovedMemory() => new() { Open = InMemory(MaxStaleness), Moves = true };

    private static Func<ISessionStore, TimeProvider, ISessionStore> InMemory(TimeSpan maxStaleness) =>
        (store, clock) => CachedSessionStore.InMemory(store, new SessionCacheOptions { MaxStaleness = maxStaleness }, clock);

    private static async ValueTask<CachedHarness> OverRedisAsync(Func<ISessionStore, TimeProvider, ISessionStore> openOuter, bool moves = false)
    {
        var scope = await RedisScope.CreateAsync();
        var cache = scope.NewStore();
        return new CachedHarness(await PostgresHarness.CreateAsync(), new CacheSetup
        {
            Open = (store, clock) => openOuter(CachedSessionStore.Shared(store, cache, Patient(), clock), clock),
            Moves = moves,
            ForgetShared = async () => await scope.Keys.RemoveAsync(),
            Close = scope.DisposeAsync,
        });
    }

    // A machine that runs other things besides the tests may pause them; what the cache holds is to be looked at all the same.
    private static SharedCacheOptions Patient() => new() { MaxStaleness = MaxStaleness, SoftDeadline = TimeSpan.FromSeconds(10) };
}
