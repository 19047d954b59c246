using KvSessions.Stores.Memory;
using Microsoft.Extensions.Time.Testing;

namespace KvSessions.Core.Tests.Caching;

public sealed class SharedCacheFiguresTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new(Records.T0);
    private readonly FigureReader _figures = new();
    private readonly CountingStore _store;
    private readonly CountingStore _cache;
    private readonly CachedSessionStore _cached;

    public SharedCacheFiguresTests()
    {
        _store = new CountingStore(new MemoryStore(timeProvider: _clock));
        _cache = new CountingStore(new MemoryStore(timeProvider: _clock));
        _cached = CachedSessionStore.Shared(
            _store, _cache, new SharedCacheOptions(), _clock, new CacheFigures(_figures, "shared"), TimeSpan.FromSeconds(1));
    }

    public void Dispose() => _figures.Dispose();

    [Fact]
    public async Task It_counts_what_it_answers_and_what_it_does_not()
    {
        var record = Records.New(null, "ada", ("a", [1]));
        await _store.Inner.CreateAsync(record);

        await _cached.LoadAsync(record.Handle);
        Assert.Equal((0, 1, 0), Reads());
        await _cached.LoadAsync(record.Handle);
        Assert.Equal((1, 1, 0), Reads());

        // Held, but older than what the caller knows of.
        await _store.Inner.SaveAsync(record.Handle, Records.Sets("a", 2));
        await _cached.LoadAsync(record.Handle, 2, default);
        Assert.Equal((1, 1, 1), Reads());
        Assert.Equal(0, _figures["buried_refills"]);
        Assert.Equal(0, _figures["bypasses"]);
    }

    [Fact]
    public async Task It_counts_the_loads_that_a_write_has_overtaken()
    {
        var record = Records.New(null, null, ("a", [1]));
        await _store.Inner.CreateAsync(record);
        var other = CachedSessionStore.Shared(_store, _cache, new SharedCacheOptions(), _clock);
        var (hasRead, letGo) = _store.HoldAnswerOfNext(StoreVerb.Load);
        var load = _cached.LoadAsync(record.Handle).AsTask();
        await hasRead;
        await other.SaveAsync(record.Handle, Records.Sets("a", 2));
        letGo.SetResult();
        await load;

        Assert.Equal(1, _figures["buried_refills"]);
    }

    [Fact]
    public async Task It_counts_the_calls_that_it_failed()
    {
        var record = Records.New(null, null, ("a", [1]));
        await _store.Inner.CreateAsync(record);
        _cache.Break();

        await _cached.LoadAsync(record.Handle);

        Assert.True(_figures["bypasses"] > 0);
    }

    private (long Hits, long Misses, long StaleRefusals) Reads() => (_figures["hits"], _figures["misses"], _figures["stale_refusals"]);
}
