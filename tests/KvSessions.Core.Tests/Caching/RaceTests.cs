namespace KvSessions.Core.Tests.Caching;

/// <summary>Reads and writes that meet: what a slow load brings may be over by then.</summary>
public sealed class RaceTests : IDisposable
{
    private static readonly CacheStripes Stripes = new();

    private readonly CacheBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_load_that_began_before_a_deletion_does_not_bring_the_session_back()
    {
        var handle = await _bench.SeedAsync();
        _bench.Cache.Clear();
        var (hasRead, letGo) = _bench.Store.HoldAnswerOfNext(StoreVerb.Load);
        var slow = _bench.Cached.LoadAsync(handle).AsTask();
        await hasRead;

        Assert.True(await _bench.Cached.DeleteAsync(handle));
        letGo.SetResult();

        Assert.NotNull(await slow);
        Assert.Null(await _bench.Cached.LoadAsync(handle));
        Assert.Equal(1, _bench.Figures["buried_refills"]);
    }

    [Fact]
    public async Task A_load_that_began_before_a_save_is_not_kept_and_nobody_joins_it()
    {
        var handle = await _bench.SeedAsync();
        _bench.Cache.Clear();
        var (hasRead, letGo) = _bench.Store.HoldAnswerOfNext(StoreVerb.Load);
        var slow = _bench.Cached.LoadAsync(handle).AsTask();
        await hasRead;

        await _bench.Cached.SaveAsync(handle, Records.Sets("a", 2));

        Assert.Equal(2, await _bench.ReadAsync(handle));
        letGo.SetResult();
        await slow;
        Assert.Equal(2, await _bench.ReadAsync(handle));
    }

    [Fact]
    public async Task While_a_write_is_under_way_reads_go_to_the_store()
    {
        var handle = await _bench.SeedAsync();
        var applied = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var letGo = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _bench.Store.After = async call =>
        {
            if (call.Verb == StoreVerb.Delete)
            {
                applied.SetResult();
                await letGo.Task;
            }
        };

        var deletion = _bench.Cached.DeleteAsync(handle).AsTask();
        await applied.Task;

        Assert.Null(await _bench.Cached.LoadAsync(handle));
        letGo.SetResult();
        Assert.True(await deletion);
        Assert.Null(await _bench.Cached.LoadAsync(handle));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_read_past_the_cache_is_not_followed_by_anything_older(bool ends)
    {
        var handle = await _bench.SeedAsync();
        await (ends ? (Task)_bench.Store.Inner.DeleteAsync(handle).AsTask() : _bench.Store.Inner.SaveAsync(handle, Records.Sets("a", 2)).AsTask());
        var letGo = new TaskCompletionSource();
        _bench.Store.Before = async (call, _) => await (call.Verb == StoreVerb.Touch ? letGo.Task : Task.CompletedTask);

        // A write of another session, whose handle falls on the same stripe.
        var neighbour = SessionId.New().Handle;
        while (Stripes.Of(neighbour) != Stripes.Of(handle))
        {
            neighbour = SessionId.New().Handle;
        }

        var write = _bench.Cached.SaveAsync(neighbour, SessionChanges.Touch).AsTask();
        Assert.Equal(ends ? null : 2, (await _bench.Cached.LoadAsync(handle))?.Version);
        letGo.SetResult();
        await write;

        Assert.Equal(ends ? null : 2, (await _bench.Cached.LoadAsync(handle))?.Version);
    }

    [Fact]
    public async Task While_the_sessions_of_a_subject_are_being_ended_reads_of_them_go_to_the_store()
    {
        var (ada, bob) = (await _bench.SeedAsync("ada"), await _bench.SeedAsync("bob"));
        var applied = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var letGo = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _bench.Store.After = async call =>
        {
            if (call.Verb == StoreVerb.DeleteBySubject)
            {
                applied.SetResult();
                await letGo.Task;
            }
        };

        var revocation = _bench.Limits.DeleteBySubjectAsync("ada").AsTask();
        await applied.Task;
        _bench.Store.Forget();

        Assert.Null(await _bench.Cached.LoadAsync(ada));
        Assert.NotNull(await _bench.Cached.LoadAsync(bob));
        Assert.DoesNotContain(_bench.Store.Calls, call => call.Handle == bob);
        letGo.SetResult();
        Assert.Equal([ada], await revocation);
        Assert.Null(await _bench.Cached.LoadAsync(ada));
    }

    [Fact]
    public async Task A_write_that_failed_has_changed_nothing_that_is_read()
    {
        var handle = await _bench.SeedAsync();
        _bench.Store.Break(StoreVerb.Save);

        await Assert.ThrowsAsync<SessionStoreException>(async () => await _bench.Cached.SaveAsync(handle, Records.Sets("a", 2)));

        Assert.Equal(1, await _bench.ReadAsync(handle));
    }

    [Fact]
    public async Task After_a_conflict_the_session_is_loaded_again()
    {
        var handle = await _bench.SeedAsync();
        await _bench.Store.SaveAsync(handle, Records.Sets("a", 2));

        var result = await _bench.Cached.SaveAsync(handle, new() { ExpectedVersion = 1, Sets = Records.Sets("a", 3).Sets });

        Assert.Equal(SaveResult.Conflict, result);
        Assert.Equal(2, await _bench.ReadAsync(handle));
    }

    [Fact]
    public async Task What_is_gone_for_a_save_is_gone_for_the_next_read()
    {
        var handle = await _bench.SeedAsync();
        await _bench.Store.DeleteAsync(handle);

        Assert.Equal(SaveResult.Gone, await _bench.Cached.SaveAsync(handle, SessionChanges.Touch));

        Assert.Null(await _bench.Cached.LoadAsync(handle));
    }

    [Fact]
    public async Task What_a_list_shows_is_not_read_older_afterwards()
    {
        var handle = await _bench.SeedAsync("ada");
        await _bench.Store.SaveAsync(handle, Records.Sets("a", 2));

        await _bench.Limits.FindBySubjectAsync("ada", 10);

        Assert.Equal(2, await _bench.ReadAsync(handle));
    }

    [Fact]
    public async Task A_session_that_made_room_for_another_is_not_read_any_more()
    {
        var (anonymous, oldest) = (await _bench.SeedAsync(), await _bench.SeedAsync("ada"));
        var renewed = Records.New(subject: "ada") with { Version = 2 };

        var result = await _bench.Limits.AdmitAsync(anonymous, renewed, new SubjectLimit(1, SubjectLimitRule.EvictOldest));

        Assert.Equal([oldest], result.Evicted);
        Assert.Null(await _bench.Cached.LoadAsync(oldest));
        Assert.Null(await _bench.Cached.LoadAsync(anonymous));
        Assert.NotNull(await _bench.Cached.LoadAsync(renewed.Handle));
    }

    [Fact]
    public async Task What_is_loaded_while_a_write_may_yet_be_applied_is_not_kept()
    {
        var handle = await _bench.SeedAsync();
        _bench.Store.Break(StoreVerb.Save, SessionStoreError.UnknownOutcome);
        await Assert.ThrowsAsync<SessionStoreException>(async () => await _bench.Cached.SaveAsync(handle, Records.Sets("a", 2)));
        Assert.Equal(1, await _bench.ReadAsync(handle));

        // As a server does that was given up on.
        await _bench.Store.Inner.SaveAsync(handle, Records.Sets("a", 2));
        Assert.Equal(2, await _bench.ReadAsync(handle));

        _bench.Clock.Advance(SessionCache.DoubtPeriod);
        await _bench.ReadAsync(handle);
        _bench.Store.Forget();
        await _bench.ReadAsync(handle);
        Assert.Empty(_bench.Store.Calls);
    }

    [Fact]
    public async Task A_revocation_in_doubt_makes_every_session_doubtful()
    {
        var (ada, bob) = (await _bench.SeedAsync("ada"), await _bench.SeedAsync("bob"));
        _bench.Store.Break(StoreVerb.DeleteBySubject, SessionStoreError.UnknownOutcome);
        await Assert.ThrowsAsync<SessionStoreException>(async () => await _bench.Limits.DeleteBySubjectAsync("ada"));
        await _bench.ReadAsync(ada);

        await _bench.Store.Inner.DeleteAsync(ada);
        await _bench.Store.Inner.DeleteAsync(bob);

        Assert.Null(await _bench.Cached.LoadAsync(ada));
        Assert.Null(await _bench.Cached.LoadAsync(bob));
    }

    [Fact]
    public async Task A_save_whose_caller_has_gone_leaves_a_doubt_at_once()
    {
        var handle = await _bench.SeedAsync();
        using var caller = new CancellationTokenSource();
        _bench.Store.Before = static (call, _) => call.Verb == StoreVerb.Save ? new ValueTask(new TaskCompletionSource().Task) : default;
        var save = _bench.Cached.SaveAsync(handle, Records.Sets("a", 2), caller.Token).AsTask();

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => save);
        await _bench.ReadAsync(handle);
        await _bench.ReadAsync(handle);
        Assert.Equal(2, _bench.Loads);
    }
}
