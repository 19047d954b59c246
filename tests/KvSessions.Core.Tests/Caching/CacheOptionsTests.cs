using KvSessions.Stores.Memory;

namespace KvSessions.Core.Tests.Caching;

public sealed class CacheOptionsTests
{
    private static readonly MemoryStore Store = new();

    private static readonly Dictionary<string, (Action<SessionCacheOptions> Inside, Action<SessionCacheOptions> Outside)> MemoryBounds = new()
    {
        ["MaxStaleness of zero"] = (o => o.MaxStaleness = TimeSpan.Zero, o => o.MaxStaleness = -Records.Tick),
        ["MaxStaleness of a day"] = (o => o.MaxStaleness = TimeSpan.FromDays(1), o => o.MaxStaleness = TimeSpan.FromDays(1) + Records.Tick),
        ["MaxEntries of 10"] = (o => o.MaxEntries = 10, o => o.MaxEntries = 9),
        ["MaxEntries of 10,000,000"] = (o => o.MaxEntries = 10_000_000, o => o.MaxEntries = 10_000_001),
        ["MaxBytes of 64 KiB"] = (o => o.MaxBytes = 64 * 1024, o => o.MaxBytes = (64 * 1024) - 1),
        ["ServeStaleWhenUnavailable of zero"] = (
            o => o.ServeStaleWhenUnavailable = TimeSpan.Zero, o => o.ServeStaleWhenUnavailable = -Records.Tick),
        ["ServeStaleWhenUnavailable of a day"] = (
            o => o.ServeStaleWhenUnavailable = TimeSpan.FromDays(1), o => o.ServeStaleWhenUnavailable = TimeSpan.FromDays(1) + Records.Tick),
    };

    private static readonly Dictionary<string, (Action<SharedCacheOptions> Inside, Action<SharedCacheOptions> Outside)> SharedBounds = new()
    {
        ["MaxStaleness of a second"] = (
            o => o.MaxStaleness = TimeSpan.FromSeconds(1), o => o.MaxStaleness = TimeSpan.FromSeconds(1) - Records.Tick),
        ["MaxStaleness of a day"] = (o => o.MaxStaleness = TimeSpan.FromDays(1), o => o.MaxStaleness = TimeSpan.FromDays(1) + Records.Tick),
        ["SoftDeadline of a millisecond"] = (
            o => o.SoftDeadline = TimeSpan.FromMilliseconds(1), o => o.SoftDeadline = TimeSpan.FromMilliseconds(1) - Records.Tick),
        ["SoftDeadline of ten seconds"] = (
            o => o.SoftDeadline = TimeSpan.FromSeconds(10), o => o.SoftDeadline = TimeSpan.FromSeconds(10) + Records.Tick),
    };

    public static TheoryData<string> OfMemory => [.. MemoryBounds.Keys];

    public static TheoryData<string> OfShared => [.. SharedBounds.Keys];

    [Theory]
    [MemberData(nameof(OfMemory))]
    public void An_option_of_a_memory_cache_is_good_up_to_its_bound(string bound)
    {
        var (inside, outside) = MemoryBounds[bound];
        var (good, bad) = (new SessionCacheOptions(), new SessionCacheOptions());
        inside(good);
        outside(bad);

        Assert.Same(Store, CachedSessionStore.InMemory(Store, good).Inner);
        Assert.True(new SessionCacheOptionsValidator().Validate(null, good).Succeeded);
        AssertRefused(bound, Assert.Throws<ArgumentException>("options", () => CachedSessionStore.InMemory(Store, bad)).Message);
        AssertRefused(bound, Assert.Single(new SessionCacheOptionsValidator().Validate(null, bad).Failures!));
    }

    [Theory]
    [MemberData(nameof(OfShared))]
    public void An_option_of_a_shared_cache_is_good_up_to_its_bound(string bound)
    {
        var (inside, outside) = SharedBounds[bound];
        var (good, bad) = (new SharedCacheOptions(), new SharedCacheOptions());
        inside(good);
        outside(bad);

        Assert.Same(Store, CachedSessionStore.Shared(Store, new MemoryStore(), good).Inner);
        Assert.True(new SharedCacheOptionsValidator().Validate(null, good).Succeeded);
        AssertRefused(bound, Assert.Throws<ArgumentException>("options", () => CachedSessionStore.Shared(Store, new MemoryStore(), bad)).Message);
        AssertRefused(bound, Assert.Single(new SharedCacheOptionsValidator().Validate(null, bad).Failures!));
    }

    [Fact]
    public void Nothing_is_no_store()
    {
        Assert.Throws<ArgumentNullException>("inner", () => CachedSessionStore.InMemory(null!));
        Assert.Throws<ArgumentNullException>("inner", () => CachedSessionStore.Shared(null!, Store));
        Assert.Throws<ArgumentNullException>("cache", () => CachedSessionStore.Shared(Store, null!));
    }

    private static void AssertRefused(string bound, string message) =>
        Assert.Contains($"Options.{bound.Split(' ')[0]} is ", message, StringComparison.Ordinal);
}
