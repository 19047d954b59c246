using KvSessions.Stores.Memory;
using Microsoft.Extensions.Time.Testing;

namespace KvSessions.Core.Tests.Caching;

/// <summary>Nodes that share a cache, which is a store like any other and may fail like any other.</summary>
public sealed class SharedCacheTests
{
    private static readonly TimeSpan MaxStaleness = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _clock = new(Records.T0);
    private readonly CountingStore _store;
    private readonly CountingStore _cache;
    private readonly CachedSessionStore _node;
    private readonly CachedSessionStore _other;

    public SharedCacheTests()
    {
        _store = new CountingStore(new MemoryStore(timeProvider: _clock));
        _cache = new CountingStore(new MemoryStore(timeProvider: _clock));
        (_node, _other) = (NewNode(), NewNode());
    }

    [Fact]
    public async Task What_one_node_has_loaded_the_other_finds()
    {
        var record = await SeedAsync("ada", SessionExpiry.Idle(TimeSpan.FromMinutes(20), TimeSpan.FromHours(1)).Persistent());

        var loaded = await _other.LoadAsync(record.Handle);

        Assert.Equal(record, loaded);
        Assert.Equal(0, _store.Count(StoreVerb.Load));
    }

    [Fact]
    public async Task What_one_node_has_written_the_other_reads_at_once()
    {
        var handle = (await SeedAsync()).Handle;

        await _node.SaveAsync(handle, Records.Sets("a", 2));
        Assert.Equal(2, await ReadAsync(_other, handle));
        Assert.Equal(0, _store.Count(StoreVerb.Load));

        await _other.SaveAsync(handle, SessionChanges.Touch);
        await _other.DeleteAsync(handle);
        Assert.Null(await _node.LoadAsync(handle));
    }

    [Fact]
    public async Task It_ends_by_its_own_clock()
    {
        var handle = (await SeedAsync()).Handle;
        await _store.Inner.SaveAsync(handle, Records.Sets("a", 2));
        _clock.Advance(MaxStaleness - Records.Tick);
        Assert.Equal(1, await ReadAsync(_other, handle));

        _clock.Advance(Records.Tick);

        Assert.Equal(2, await ReadAsync(_other, handle));

        // What was over had not been swept; the next load is kept again.
        await ReadAsync(_other, handle);
        _store.Forget();
        Assert.Equal(2, await ReadAsync(_node, handle));
        Assert.Empty(_store.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_slow_load_of_one_node_does_not_bring_back_what_the_other_has_replaced_or_ended(bool ends)
    {
        var handle = (await SeedAsync()).Handle;
        await _cache.Inner.DeleteAsync(handle);
        var (hasRead, letGo) = _store.HoldAnswerOfNext(StoreVerb.Load);
        var slow = _other.LoadAsync(handle).AsTask();
        await hasRead;

        if (ends)
        {
            await _node.DeleteAsync(handle);
        }
        else
        {
            await _node.SaveAsync(handle, Records.Sets("a", 2));
        }

        letGo.SetResult();
        Assert.Equal(1, (await slow)!.Version);

        Assert.Equal(ends ? null : 2, (await _node.LoadAsync(handle))?.Version);
        Assert.Equal(ends ? null : 2, (await _other.LoadAsync(handle))?.Version);
    }

    [Fact]
    public async Task A_slow_save_of_one_node_does_not_bury_what_the_other_has_saved_after_it()
    {
        var handle = (await SeedAsync()).Handle;
        var (hasSaved, letGo) = _store.HoldAnswerOfNext(StoreVerb.Save);
        var slow = _node.SaveAsync(handle, Records.Sets("a", 2)).AsTask();
        await hasSaved;
        await _other.SaveAsync(handle, Records.Sets("a", 3));
        Assert.Equal(3, await ReadAsync(_other, handle));

        letGo.SetResult();
        await slow;

        _store.Forget();
        Assert.Equal(3, await ReadAsync(_other, handle));
        Assert.Equal(0, _store.Count(StoreVerb.Load));
    }

    [Fact]
    public async Task A_load_that_took_longer_than_a_mark_lasts_is_not_kept()
    {
        var handle = (await SeedAsync()).Handle;
        await _cache.Inner.DeleteAsync(handle);
        _store.After = call =>
        {
            if (call.Verb == StoreVerb.Load)
            {
                _clock.Advance(MaxStaleness);
            }

            return ValueTask.CompletedTask;
        };

        await _other.LoadAsync(handle);

        Assert.Null(await _cache.Inner.LoadAsync(handle));
    }

    [Fact]
    public async Task A_cache_that_fails_fails_no_call()
    {
        var handle = (await SeedAsync()).Handle;
        _cache.Break();

        Assert.Equal(1, await ReadAsync(_node, handle));
        Assert.Equal(SaveStatus.Saved, (await _node.SaveAsync(handle, Records.Sets("a", 2))).Status);
        Assert.Equal(2, await ReadAsync(_node, handle));
        var renewed = Records.New() with { Version = 3 };
        Assert.Equal(SaveStatus.Saved, (await _node.RenewAsync(handle, renewed)).Status);
        Assert.True(await _node.DeleteAsync(renewed.Handle));
        Assert.True(await _node.CreateAsync(Records.New()));
    }

    [Fact]
    public async Task After_a_write_that_the_cache_did_not_take_the_node_does_not_ask_it_until_that_is_over()
    {
        var handle = (await SeedAsync()).Handle;
        _cache.Break(StoreVerb.Save);
        await _node.SaveAsync(handle, Records.Sets("a", 2));
        _cache.Heal();

        Assert.Equal(2, await ReadAsync(_node, handle));

        // The others may see what was before, as long as the cache keeps it.
        Assert.Equal(1, await ReadAsync(_other, handle));
        _clock.Advance(MaxStaleness);
        Assert.Equal(2, await ReadAsync(_other, handle));
    }

    [Fact]
    public async Task A_cache_that_does_not_answer_is_waited_for_no_longer_than_the_soft_deadline()
    {
        var handle = (await SeedAsync()).Handle;
        _cache.Hang();

        var read = ReadAsync(_node, handle);
        Assert.False(read.IsCompleted);
        await Eventually.TrueAsync(_clock, TimeSpan.FromMilliseconds(10), () => read.IsCompleted, "it is answered");

        Assert.Equal(1, await read);
        Assert.InRange(_clock.GetUtcNow() - Records.T0, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_cache_that_has_failed_often_is_left_alone_for_a_second()
    {
        using var figures = new FigureReader();
        var node = CachedSessionStore.Shared(_store, _cache, null, _clock, new CacheFigures(figures, "shared"), TimeSpan.FromSeconds(1));
        _cache.Break();
        for (var i = 0; i < 20; i++)
        {
            await node.LoadAsync(SessionId.New().Handle);
        }

        Assert.Equal(CacheCircuit.MaxFailures, _cache.Calls.Count);
        Assert.Equal(20, figures["bypasses"]);

        _cache.Heal();
        _clock.Advance(CacheCircuit.Pause);
        await node.LoadAsync(SessionId.New().Handle);
        await node.LoadAsync(SessionId.New().Handle);
        Assert.Equal(CacheCircuit.MaxFailures + 2, _cache.Calls.Count);
    }

    [Fact]
    public async Task A_cache_before_it_never_goes_back_in_version()
    {
        var outer = CachedSessionStore.InMemory(_node, null, _clock);
        var handle = (await SeedAsync()).Handle;
        await _store.Inner.SaveAsync(handle, Records.Sets("a", 2));

        // The outer cache knows of version 2; what the shared one holds is older.
        await ((ISubjectSessionStore)outer).FindBySubjectAsync("nobody", 10);
        ((MemorySessionCache)outer.Cache).Outdate(handle, 2);
        Assert.Equal(2, await ReadAsync(outer, handle));

        await _store.Inner.SaveAsync(handle, Records.Sets("a", 3));
        ((MemorySessionCache)outer.Cache).Outdate(handle, 3);
        Assert.Equal(3, await ReadAsync(outer, handle));

        ((MemorySessionCache)outer.Cache).Clear();
        Assert.Equal(3, await ReadAsync(outer, handle));
    }

    [Fact]
    public async Task Two_writers_at_once_leave_the_newer_version()
    {
        var handle = (await SeedAsync()).Handle;

        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(async () =>
        {
            await (i % 2 == 0 ? _node : _other).SaveAsync(handle, Records.Sets($"{i}", 1));
            await (i % 2 == 0 ? _other : _node).LoadAsync(handle);
        })));

        Assert.Equal(await _store.LoadAsync(handle), await _node.LoadAsync(handle));
        Assert.Equal(await _store.LoadAsync(handle), await _other.LoadAsync(handle));
    }

    [Fact]
    public async Task What_cannot_be_read_is_no_answer_and_is_left_as_it_is()
    {
        var handle = (await SeedAsync()).Handle;
        await _cache.Inner.SaveAsync(handle, Records.Sets("session", 255, 1, 2, 3));
        var before = await _cache.Inner.LoadAsync(handle);

        Assert.Equal(1, await ReadAsync(_node, handle));
        await _node.SaveAsync(handle, Records.Sets("a", 2));

        Assert.Equal(2, await ReadAsync(_node, handle));
        Assert.Equal(before, await _cache.Inner.LoadAsync(handle));
    }

    [Fact]
    public async Task The_sessions_of_a_subject_are_ended_in_the_cache_too()
    {
        var (first, second) = (await SeedAsync("ada"), await SeedAsync("ada"));

        await ((ISubjectSessionStore)_node).DeleteBySubjectAsync("ada", second.Handle);

        Assert.Null(await _other.LoadAsync(first.Handle));
        Assert.NotNull(await _other.LoadAsync(second.Handle));
    }

    [Fact]
    public async Task What_was_being_loaded_when_the_sessions_of_a_subject_were_ended_is_nobodys_answer_afterwards()
    {
        var handle = (await SeedAsync("ada")).Handle;
        await _cache.Inner.DeleteAsync(handle);
        var (hasRead, letGo) = _store.HoldAnswerOfNext(StoreVerb.Load);
        var slow = _node.LoadAsync(handle).AsTask();
        await hasRead;

        await ((ISubjectSessionStore)_node).DeleteBySubjectAsync("ada");
        var next = _node.LoadAsync(handle).AsTask();
        letGo.SetResult();

        Assert.NotNull(await slow);
        Assert.Null(await next);
    }

    [Theory]
    [InlineData("save")]
    [InlineData("delete")]
    [InlineData("renew")]
    public async Task A_node_that_was_told_that_a_session_is_over_does_not_read_it_again(string call)
    {
        var handle = (await SeedAsync()).Handle;
        await _cache.Inner.DeleteAsync(handle);
        var (hasRead, letGo) = _store.HoldAnswerOfNext(StoreVerb.Load);
        var slow = _other.LoadAsync(handle).AsTask();
        await hasRead;

        // By a node whose cache hears of it later, or never.
        await _store.Inner.DeleteAsync(handle);
        Assert.True(call switch
        {
            "save" => (await _node.SaveAsync(handle, Records.Sets("a", 2))).Status == SaveStatus.Gone,
            "delete" => !await _node.DeleteAsync(handle),
            _ => (await _node.RenewAsync(handle, Records.New() with { Version = 2 })).Status == SaveStatus.Gone,
        });
        letGo.SetResult();
        await slow;

        Assert.Null(await _node.LoadAsync(handle));
        Assert.Null(await _other.LoadAsync(handle));
    }

    [Fact]
    public async Task What_a_load_brings_is_kept_as_long_as_if_it_had_come_at_once()
    {
        var handle = (await SeedAsync()).Handle;
        await _cache.Inner.DeleteAsync(handle);
        var late = TimeSpan.FromSeconds(4);
        _store.After = call =>
        {
            _store.After = null;
            _clock.Advance(late);
            return ValueTask.CompletedTask;
        };
        await _other.LoadAsync(handle);
        await _store.Inner.SaveAsync(handle, Records.Sets("a", 2));
        _clock.Advance(MaxStaleness - late - Records.Tick);
        Assert.Equal(1, await ReadAsync(_other, handle));

        _clock.Advance(Records.Tick);

        Assert.Equal(2, await ReadAsync(_other, handle));
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public async Task What_a_save_leaves_is_as_old_as_the_save(int seconds, bool isRecord)
    {
        var handle = (await SeedAsync()).Handle;
        var late = TimeSpan.FromSeconds(seconds);
        _store.After = call =>
        {
            _store.After = null;
            _clock.Advance(late);
            return ValueTask.CompletedTask;
        };
        await _node.SaveAsync(handle, Records.Sets("a", 2));
        await _store.Inner.SaveAsync(handle, Records.Sets("a", 3));
        Assert.Equal(isRecord ? 2 : 3, await ReadAsync(_other, handle));

        _clock.Advance(MaxStaleness - late);

        Assert.Equal(3, await ReadAsync(_other, handle));
    }

    [Fact]
    public async Task A_cache_before_it_trusts_it_again_when_what_was_in_doubt_has_come_to_nothing()
    {
        var outer = CachedSessionStore.InMemory(_node, null, _clock);
        var handle = (await SeedAsync()).Handle;
        ((MemorySessionCache)outer.Cache).Outdate(handle, long.MaxValue);
        Assert.Equal(1, await ReadAsync(outer, handle));
        _store.Forget();

        _clock.Advance(MaxStaleness);
        Assert.Equal(1, await ReadAsync(outer, handle));

        Assert.Equal([StoreVerb.LoadVersion], _store.Awaited);
    }

    private CachedSessionStore NewNode() =>
        CachedSessionStore.Shared(_store, _cache, new SharedCacheOptions { MaxStaleness = MaxStaleness }, _clock);

    private async Task<SessionRecord> SeedAsync(string? subject = null, SessionExpiry? expiry = null)
    {
        var record = Records.New(expiry, subject, ("a", [1]));
        await _node.CreateAsync(record);
        var stored = await _node.LoadAsync(record.Handle);
        _store.Forget();
        _cache.Forget();
        return stored!;
    }

    private static async Task<byte> ReadAsync(CachedSessionStore node, SessionHandle handle) =>
        (await node.LoadAsync(handle))!.Values["a"].Span[0];
}
