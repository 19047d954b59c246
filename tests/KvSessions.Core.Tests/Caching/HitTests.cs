namespace KvSessions.Core.Tests.Caching;

public sealed class HitTests : IDisposable
{
    private readonly CacheBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_session_that_is_held_is_answered_without_the_store_and_without_an_allocation()
    {
        var handle = await _bench.SeedAsync();
        await ReadOftenAsync(handle);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var reads = ReadOftenAsync(handle);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        await reads;

        // Less than one object for ten reads, which may be the listener's.
        Assert.InRange(allocated, 0, 2400);
        Assert.Empty(_bench.Store.Calls);
        Assert.Equal(2000, _bench.Figures["hits"]);
        Assert.Equal(1, _bench.Figures["misses"]);
    }

    [Fact]
    public async Task A_thousand_misses_at_once_are_one_load()
    {
        var handle = await _bench.SeedAsync();
        _bench.Cache.Clear();
        var (hasRead, letGo) = _bench.Store.HoldAnswerOfNext(StoreVerb.Load);

        var reads = Enumerable.Range(0, 1000).Select(_ => Task.Run(() => _bench.Cached.LoadAsync(handle).AsTask())).ToList();
        await hasRead;
        await Eventually.TrueAsync(() => _bench.Figures["misses"] == 1001, "all have asked");
        letGo.SetResult();

        Assert.All(await Task.WhenAll(reads), record => Assert.Equal(1, record!.Version));
        Assert.Equal(1, _bench.Loads);
    }

    [Fact]
    public async Task What_was_saved_is_held_as_the_store_has_it()
    {
        var handle = await _bench.SeedAsync();
        _bench.Clock.Advance(TimeSpan.FromSeconds(1));

        await _bench.Cached.SaveAsync(handle, new() { Sets = Records.Sets("b", 2).Sets, Removes = new HashSet<string> { "a" } });
        await _bench.Cached.SaveAsync(handle, new() { Expiry = SessionExpiry.In(TimeSpan.FromMinutes(1)) });
        _bench.Clock.Advance(TimeSpan.FromSeconds(1));
        await _bench.Cached.SaveAsync(handle, SessionChanges.Touch);

        var held = await _bench.Cached.LoadAsync(handle);
        Assert.Equal(0, _bench.Loads);
        Assert.Equal(await _bench.Store.LoadAsync(handle), held);
        Assert.Equal(3, held!.Version);
    }

    [Fact]
    public async Task When_others_have_saved_as_well_nobody_guesses()
    {
        var handle = await _bench.SeedAsync();
        await _bench.Store.SaveAsync(handle, Records.Sets("b", 2));

        await _bench.Cached.SaveAsync(handle, Records.Sets("c", 3));

        Assert.Equal([1, 2, 3], (await _bench.Cached.LoadAsync(handle))!.Values.Values.Select(static value => value.Span[0]));
    }

    [Fact]
    public async Task Until_it_is_stale_a_session_is_held_and_then_its_version_is_asked_for()
    {
        var handle = await _bench.SeedAsync();
        await _bench.Store.SaveAsync(handle, SessionChanges.Touch);
        _bench.Store.Forget();
        _bench.Clock.Advance(TimeSpan.FromSeconds(10) - Records.Tick);
        await _bench.ReadAsync(handle);
        Assert.Empty(_bench.Store.Calls);

        _bench.Clock.Advance(Records.Tick);
        await _bench.ReadAsync(handle);
        await _bench.ReadAsync(handle);

        Assert.Equal([StoreVerb.LoadVersion], _bench.Store.Awaited);
        Assert.Equal(1, _bench.Figures["stale_refusals"]);
    }

    [Fact]
    public async Task What_others_have_written_shows_once_it_is_stale()
    {
        var (changed, ended) = (await _bench.SeedAsync(), await _bench.SeedAsync());
        await _bench.Store.SaveAsync(changed, Records.Sets("a", 2));
        await _bench.Store.DeleteAsync(ended);
        Assert.Equal(1, await _bench.ReadAsync(changed));
        Assert.NotNull(await _bench.Cached.LoadAsync(ended));

        _bench.Clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(2, await _bench.ReadAsync(changed));
        Assert.Null(await _bench.Cached.LoadAsync(ended));
    }

    [Fact]
    public async Task Without_any_staleness_every_read_asks_for_the_version()
    {
        using var bench = new CacheBench(static options => options.MaxStaleness = TimeSpan.Zero);
        var handle = await bench.SeedAsync();

        await bench.ReadAsync(handle);
        await bench.Store.SaveAsync(handle, Records.Sets("a", 2));
        bench.Store.Forget();

        Assert.Equal(2, await bench.ReadAsync(handle));
        Assert.Equal([StoreVerb.LoadVersion, StoreVerb.Load], bench.Store.Awaited);
    }

    [Fact]
    public async Task A_store_that_cannot_say_versions_alone_is_loaded_again()
    {
        using var bench = new CacheBench(inner: new Hosting.PlainStore());

        Assert.Null(await bench.Cached.LoadAsync(SessionId.New().Handle));
        Assert.False(bench.Cached is ISubjectSessionStore);
    }

    [Fact]
    public async Task Expiry_is_judged_on_every_hit_and_the_store_decides()
    {
        using var bench = new CacheBench(static options => options.MaxStaleness = TimeSpan.FromHours(1));
        var (touched, idle) = (await bench.SeedAsync(), await bench.SeedAsync());
        bench.Clock.Advance(TimeSpan.FromMinutes(19));
        await bench.Store.SaveAsync(touched, SessionChanges.Touch);
        bench.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.NotNull(await bench.Cached.LoadAsync(touched));
        Assert.Null(await bench.Cached.LoadAsync(idle));
    }

    [Fact]
    public async Task A_clock_that_was_turned_back_makes_nothing_fresh()
    {
        var handle = await _bench.SeedAsync();
        _bench.Clock.AdjustTime(_bench.Clock.GetUtcNow() - TimeSpan.FromHours(1));

        await _bench.ReadAsync(handle);

        Assert.Equal([StoreVerb.LoadVersion], _bench.Store.Awaited);
    }

    private async ValueTask ReadOftenAsync(SessionHandle handle)
    {
        for (var i = 0; i < 1000; i++)
        {
            await _bench.Cached.LoadAsync(handle);
        }
    }
}
