namespace KvSessions.Core.Tests.Caching;

public sealed class WaitingTests : IDisposable
{
    private readonly CacheBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task One_who_goes_leaves_the_others_waiting_and_the_last_one_ends_the_load()
    {
        var handle = await _bench.SeedAsync();
        _bench.Cache.Clear();
        var asked = new TaskCompletionSource<CancellationToken>(TaskCreationOptions.RunContinuationsAsynchronously);
        _bench.Store.Before = async (_, ct) =>
        {
            asked.TrySetResult(ct);
            await Task.Delay(Timeout.Infinite, ct);
        };
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var (one, two) = (_bench.Cached.LoadAsync(handle, first.Token).AsTask(), _bench.Cached.LoadAsync(handle, second.Token).AsTask());
        var load = await asked.Task;

        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        Assert.False(load.IsCancellationRequested);
        Assert.False(two.IsCompleted);

        await second.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => two);
        await Eventually.TrueAsync(() => load.IsCancellationRequested, "the load is cancelled");
        _bench.Store.Heal();
        Assert.NotNull(await _bench.Cached.LoadAsync(handle));
    }

    [Fact]
    public async Task A_fault_of_the_store_is_everyones_and_is_not_remembered()
    {
        var handle = await _bench.SeedAsync();
        _bench.Cache.Clear();
        _bench.Store.Break();

        await Assert.ThrowsAsync<SessionStoreException>(async () => await _bench.Cached.LoadAsync(handle));
        _bench.Store.Heal();

        Assert.NotNull(await _bench.Cached.LoadAsync(handle));
    }

    [Fact]
    public async Task A_store_that_is_down_is_not_covered_up()
    {
        var handle = await _bench.SeedAsync();
        _bench.Clock.Advance(TimeSpan.FromSeconds(10));
        _bench.Store.Break();

        var fault = await Assert.ThrowsAsync<SessionStoreException>(async () => await _bench.Cached.LoadAsync(handle));

        Assert.Equal(SessionStoreError.Unavailable, fault.Error);
    }

    [Fact]
    public async Task An_application_may_read_what_was_there_for_a_while()
    {
        using var bench = new CacheBench(static options => options.ServeStaleWhenUnavailable = TimeSpan.FromMinutes(1));
        var handle = await bench.SeedAsync();
        bench.Clock.Advance(TimeSpan.FromMinutes(1));
        bench.Store.Break();

        Assert.Equal(1, await bench.ReadAsync(handle));
        Assert.Equal(1, bench.Figures["stale_answers"]);
        await Assert.ThrowsAsync<SessionStoreException>(async () => await bench.Cached.SaveAsync(handle, SessionChanges.Touch));
        await Assert.ThrowsAsync<SessionStoreException>(async () => await bench.Cached.LoadAsync(SessionId.New().Handle));

        bench.Clock.Advance(Records.Tick);
        await Assert.ThrowsAsync<SessionStoreException>(async () => await bench.Cached.LoadAsync(handle));
    }

    [Fact]
    public async Task An_application_that_reads_what_was_there_does_not_wait_for_a_store_that_hangs()
    {
        using var bench = new CacheBench(static options => options.ServeStaleWhenUnavailable = TimeSpan.FromMinutes(1));
        var handle = await bench.SeedAsync();
        bench.Clock.Advance(TimeSpan.FromSeconds(10));
        bench.Store.Hang();

        var read = bench.Cached.LoadAsync(handle).AsTask();
        await Eventually.TrueAsync(bench.Clock, TimeSpan.FromMilliseconds(100), () => read.IsCompleted, "it is answered");

        Assert.Equal(1, (await read)!.Version);
    }

    [Fact]
    public async Task For_what_was_not_there_it_waits_as_long_as_any_other()
    {
        using var bench = new CacheBench(static options => options.ServeStaleWhenUnavailable = TimeSpan.FromMinutes(1));
        var handle = await bench.SeedAsync();
        bench.Cache.Clear();
        var (hasRead, letGo) = bench.Store.HoldAnswerOfNext(StoreVerb.Load);
        var read = bench.Cached.LoadAsync(handle).AsTask();
        await hasRead;

        bench.Clock.Advance(TimeSpan.FromSeconds(5));
        letGo.SetResult();

        Assert.Equal(1, (await read)!.Version);
    }

    [Fact]
    public async Task What_the_cache_has_lost_while_it_waited_is_a_read_that_is_late()
    {
        using var bench = new CacheBench(static options => options.ServeStaleWhenUnavailable = TimeSpan.FromMinutes(1));
        var handle = await bench.SeedAsync();
        bench.Clock.Advance(TimeSpan.FromSeconds(10));
        bench.Store.Hang();
        var read = bench.Cached.LoadAsync(handle).AsTask();

        bench.Cache.Clear();
        bench.Clock.Advance(TimeSpan.FromMilliseconds(500));

        Assert.Equal(SessionStoreError.TimedOut, (await Assert.ThrowsAsync<SessionStoreException>(() => read)).Error);
    }

    [Theory]
    [InlineData(10_000, 1_000)]
    [InlineData(500, 500)]
    public async Task Nobody_joins_a_load_that_hangs_or_is_older_than_an_answer_may_be(int maxStaleness, int age)
    {
        using var bench = new CacheBench(options => options.MaxStaleness = TimeSpan.FromMilliseconds(maxStaleness));
        var handle = await bench.SeedAsync();
        bench.Cache.Clear();
        var (hasRead, letGo) = bench.Store.HoldAnswerOfNext(StoreVerb.Load);
        var first = bench.Cached.LoadAsync(handle).AsTask();
        await hasRead;

        bench.Clock.Advance(TimeSpan.FromMilliseconds(age));

        Assert.NotNull(await bench.Cached.LoadAsync(handle).AsTask().WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(2, bench.Loads);
        letGo.SetResult();
        Assert.NotNull(await first);
    }
}
