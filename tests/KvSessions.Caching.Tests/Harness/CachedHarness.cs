using KvSessions.Stores.Conformance;

namespace KvSessions.Caching.Tests;

/// <summary>Puts caches before the store of another harness, and before each node of it.</summary>
internal sealed class CachedHarness : SessionStoreHarness
{
    private readonly SessionStoreHarness _inner;
    private readonly CacheSetup _setup;
    private readonly TimeProvider _clock;
    private readonly List<ISessionStore> _nodes = [];
    private ISessionStore _store;

    public CachedHarness(SessionStoreHarness inner, CacheSetup setup)
    {
        (_inner, _setup) = (inner, setup);
        _clock = inner is LocalClockHarness local ? local.Clock : new HarnessClock(inner);
        _store = OpenCaches(inner.Store);
    }

    public override ISessionStore Store => _store;

    public override DateTimeOffset Now => _inner.Now;

    public override TimeSpan ClockResolution => _inner.ClockResolution;

    public override TimeSpan ClockDrift => _inner.ClockDrift;

    public override int RaceRounds => _inner.RaceRounds;

    public override async ValueTask AdvanceAsync(TimeSpan by)
    {
        await _inner.AdvanceAsync(by);

        // Where the records are moved instead of the clock, what was held before is not what is stored any more. And a touch on another
        // node, of which tests of several nodes want to see the time, changes no version.
        if (_setup.Moves)
        {
            await ForgetAsync();
        }
    }

    public override async ValueTask ReopenAsync()
    {
        await _inner.ReopenAsync();
        _nodes.Clear();
        _store = OpenCaches(_inner.Store);
    }

    // What was confirmed a moment ago may be answered without the store, whether or not it is there.
    public override async ValueTask BreakAsync()
    {
        await ForgetAsync();
        await _inner.BreakAsync();
    }

    public override ValueTask MendAsync() => _inner.MendAsync();

    public override async ValueTask<ISessionStore> OpenNodeAsync() => OpenCaches(await _inner.OpenNodeAsync());

    public override async ValueTask DamageAsync(SessionHandle handle)
    {
        await _inner.DamageAsync(handle);
        await ForgetAsync();
    }

    public override async ValueTask RepairAsync(SessionHandle handle)
    {
        await _inner.RepairAsync(handle);
        await ForgetAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await _inner.DisposeAsync();
        await _setup.Close();
        await base.DisposeAsync();
    }

    private async ValueTask ForgetAsync()
    {
        await _setup.ForgetShared();
        foreach (var node in _nodes)
        {
            for (var store = node; store is CachedSessionStore cached; store = cached.Inner)
            {
                (cached.Cache as MemorySessionCache)?.Clear();
            }
        }
    }

    private ISessionStore OpenCaches(ISessionStore store)
    {
        var node = _setup.Open(store, _clock);
        _nodes.Add(node);
        return node;
    }
}
