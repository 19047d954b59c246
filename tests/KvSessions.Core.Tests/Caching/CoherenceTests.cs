namespace KvSessions.Core.Tests.Caching;

public sealed class CoherenceTests : IDisposable
{
    private readonly FakeCoherence _others = new();
    private readonly CacheBench _bench;

    public CoherenceTests() => _bench = new CacheBench(coherence: _others);

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task The_others_hear_of_what_changes_a_session_and_of_nothing_else()
    {
        var (saved, deleted, old) = (await _bench.SeedAsync(), await _bench.SeedAsync(), await _bench.SeedAsync());
        var (first, second) = (await _bench.SeedAsync("ada"), await _bench.SeedAsync("bob"));

        await _bench.Cached.SaveAsync(saved, Records.Sets("a", 2));
        await _bench.Cached.SaveAsync(saved, SessionChanges.Touch);
        await _bench.Cached.SaveAsync(saved, new() { ExpectedVersion = 1, Clears = true });
        await _bench.Cached.SaveAsync(SessionId.New().Handle, Records.Sets("a", 2));
        await _bench.Cached.DeleteAsync(deleted);
        await _bench.Cached.RenewAsync(old, Records.New() with { Version = 2 });
        await _bench.Limits.AdmitAsync(null, Records.New(subject: "ada"), new SubjectLimit(1, SubjectLimitRule.EvictOldest));
        await _bench.Limits.DeleteBySubjectAsync("bob");

        const long Ended = long.MaxValue;
        Assert.Equal([(saved, 2), (deleted, Ended), (old, Ended), (first, Ended), (second, Ended)], _others.Announced);
        Assert.Equal(5, _bench.Figures["invalidations_sent"]);
    }

    [Fact]
    public async Task The_others_hear_of_a_deletion_that_found_nothing_for_who_has_ended_it_may_not_have_told_them_yet()
    {
        var handle = await _bench.SeedAsync();
        await _bench.Store.Inner.DeleteAsync(handle);

        Assert.False(await _bench.Cached.DeleteAsync(handle));

        Assert.Equal([(handle, long.MaxValue)], _others.Announced);
    }

    [Fact]
    public async Task The_others_hear_of_it_when_the_cache_has_dropped_it_and_before_the_caller()
    {
        var handle = await _bench.SeedAsync();
        var held = -1;
        _others.OnAnnounce = () => held = _bench.Cache.Count;

        await _bench.Cached.DeleteAsync(handle);

        Assert.Equal(0, held);
    }

    [Fact]
    public async Task What_another_node_tells_of_is_not_served_any_more()
    {
        var (older, newer) = (await _bench.SeedAsync(), await _bench.SeedAsync());
        await _bench.Store.SaveAsync(older, Records.Sets("a", 2));
        _bench.Store.Forget();

        _others.Cache!.Outdate(older, 2);
        _others.Cache.Outdate(newer, 1);

        Assert.Equal(2, await _bench.ReadAsync(older));
        await _bench.ReadAsync(newer);
        Assert.Equal(1, _bench.Loads);
        Assert.Equal(2, _bench.Figures["invalidations_received"]);
    }

    [Fact]
    public async Task A_load_that_began_before_the_news_is_not_kept()
    {
        var handle = await _bench.SeedAsync();
        _bench.Cache.Clear();
        var (hasRead, letGo) = _bench.Store.HoldAnswerOfNext(StoreVerb.Load);
        var slow = _bench.Cached.LoadAsync(handle).AsTask();
        await hasRead;
        await _bench.Store.Inner.DeleteAsync(handle);

        _others.Cache!.Outdate(handle, long.MaxValue);
        letGo.SetResult();

        await slow;
        Assert.Null(await _bench.Cached.LoadAsync(handle));
    }

    [Fact]
    public async Task While_the_others_can_be_trusted_a_session_is_held_thirty_times_as_long()
    {
        var handle = await _bench.SeedAsync();
        _others.IsTrusted = true;
        _bench.Clock.Advance(30 * TimeSpan.FromSeconds(10) - Records.Tick);
        await _bench.ReadAsync(handle);
        Assert.Empty(_bench.Store.Calls);

        _bench.Clock.Advance(Records.Tick);
        await _bench.ReadAsync(handle);
        Assert.Equal([StoreVerb.LoadVersion], _bench.Store.Awaited);

        _bench.Clock.Advance(TimeSpan.FromSeconds(10));
        _others.IsTrusted = false;
        await _bench.ReadAsync(handle);
        Assert.Equal(2, _bench.Versions);
    }

    [Fact]
    public async Task What_another_cache_may_have_answered_is_not_held_longer_however_much_the_others_can_be_trusted()
    {
        using var bench = new CacheBench(coherence: _others, inner: _bench.Cached);
        var handle = await _bench.SeedAsync();
        _others.IsTrusted = true;
        await bench.ReadAsync(handle);
        _bench.Store.Forget();
        bench.Clock.Advance(TimeSpan.FromSeconds(10) - Records.Tick);
        await bench.ReadAsync(handle);
        Assert.Empty(_bench.Store.Calls);

        bench.Clock.Advance(Records.Tick);
        await bench.ReadAsync(handle);

        Assert.Equal([StoreVerb.LoadVersion], _bench.Store.Awaited);
    }

    [Fact]
    public async Task After_a_flush_nothing_is_served_without_asking_not_even_what_was_being_loaded()
    {
        var (held, loading) = (await _bench.SeedAsync(), await _bench.SeedAsync());
        _bench.Cache.Clear();
        await _bench.ReadAsync(held);
        var (hasRead, letGo) = _bench.Store.HoldAnswerOfNext(StoreVerb.Load);
        var slow = _bench.Cached.LoadAsync(loading).AsTask();
        await hasRead;

        _others.Cache!.Flush();
        letGo.SetResult();
        await slow;
        _bench.Store.Forget();

        await _bench.ReadAsync(held);
        await _bench.ReadAsync(loading);
        Assert.Equal([StoreVerb.LoadVersion, StoreVerb.LoadVersion], _bench.Store.Awaited);
    }

    [Fact]
    public async Task Of_what_may_yet_happen_the_others_hear_again_and_again()
    {
        const int Times = 7;
        var handle = await _bench.SeedAsync();
        _bench.Store.Break(StoreVerb.Delete, SessionStoreError.UnknownOutcome);
        Assert.False(_others.Cache!.IsInDoubt);

        await Assert.ThrowsAsync<SessionStoreException>(async () => await _bench.Cached.DeleteAsync(handle));
        Assert.Equal([(handle, long.MaxValue)], _others.Announced);
        for (var times = 2; times <= Times; times++)
        {
            Assert.True(_others.Cache.IsInDoubt);
            _bench.Clock.Advance(TimeSpan.FromSeconds(2.5));
            await Eventually.TrueAsync(() => _others.Announced.Count == times, "it is told again");
        }

        await Eventually.TrueAsync(() => !_others.Cache.IsInDoubt, "that is over");
        Assert.Equal(Enumerable.Repeat((handle, long.MaxValue), Times), _others.Announced);
    }

    [Fact]
    public async Task Of_more_than_a_message_holds_the_others_hear_as_of_everything()
    {
        for (var i = 0; i <= BackplaneMessage.MaxAnnouncements; i++)
        {
            await _bench.Cache.DoubtAsync(SessionId.New().Handle, isTouch: false);
        }

        var told = _others.Announced.Count;
        _bench.Clock.Advance(TimeSpan.FromSeconds(2.5));
        await Eventually.TrueAsync(() => _others.Announced.Count > told, "it is told again");

        Assert.Equal([(default, long.MaxValue)], _others.Announced[told..]);
    }

    [Fact]
    public async Task A_touch_of_which_nobody_knows_is_nothing_to_tell()
    {
        var handle = await _bench.SeedAsync();
        _bench.Store.Break(StoreVerb.Touch, SessionStoreError.UnknownOutcome);

        await Assert.ThrowsAsync<SessionStoreException>(async () => await _bench.Cached.SaveAsync(handle, SessionChanges.Touch));

        Assert.Empty(_others.Announced);
        Assert.False(_others.Cache!.IsInDoubt);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_write_that_is_under_way_may_yet_be_applied(bool isRevocation)
    {
        var handle = await _bench.SeedAsync("ada");
        var letGo = new TaskCompletionSource();
        _bench.Store.Before = async (_, _) => await letGo.Task;
        var write = isRevocation ? (Task)_bench.Limits.DeleteBySubjectAsync("ada").AsTask() : _bench.Cached.DeleteAsync(handle).AsTask();

        Assert.True(_others.Cache!.IsInDoubt);
        letGo.SetResult();
        await write;

        Assert.False(_others.Cache.IsInDoubt);
    }

    [Fact]
    public async Task A_revocation_in_doubt_is_told_as_that_of_everything()
    {
        var handle = await _bench.SeedAsync("ada");
        _bench.Store.Break(StoreVerb.DeleteBySubject, SessionStoreError.UnknownOutcome);
        await Assert.ThrowsAsync<SessionStoreException>(async () => await _bench.Limits.DeleteBySubjectAsync("ada"));
        var (told, version) = Assert.Single(_others.Announced);

        using var other = new CacheBench(coherence: _others);
        handle = await other.SeedAsync();
        other.Cache.Outdate(told, version);
        await other.ReadAsync(handle);

        Assert.Equal([StoreVerb.LoadVersion], other.Store.Awaited);
    }
}
