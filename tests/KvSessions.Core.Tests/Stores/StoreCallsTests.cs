using KvSessions.Core.Tests.Hosting;
using Microsoft.Extensions.Options;
using static KvSessions.Core.Tests.SessionBench;

namespace KvSessions.Core.Tests.Stores;

public sealed class StoreCallsTests
{
    private readonly SessionBench _bench = new();

    [Fact]
    public async Task A_read_that_takes_too_long_has_timed_out()
    {
        var id = await _bench.SeedAsync(subject: "ann");
        _bench.Store.Hang();

        await AssertGivenUpAsync(SessionStoreError.TimedOut, async () => await _bench.Calls.LoadAsync(id.Handle, default));
        await AssertGivenUpAsync(SessionStoreError.TimedOut, async () => await _bench.Calls.FindBySubjectAsync("ann", 1, null, default));
    }

    [Fact]
    public async Task A_caller_who_has_gone_is_not_answered_by_a_cache_either()
    {
        using var cache = new CacheBench();
        var handle = await cache.SeedAsync();
        var calls = new StoreCalls(cache.Cached, Options.Create(new KvSessionsOptions()), cache.Clock);
        Assert.Equal(handle, (await calls.LoadAsync(handle, default))!.Handle);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await calls.LoadAsync(handle, new CancellationToken(canceled: true)));

        Assert.Empty(cache.Store.Calls);
        Assert.Equal(1, cache.Figures["hits"]);
    }

    [Fact]
    public async Task A_write_that_takes_too_long_may_or_may_not_have_been_made()
    {
        var id = await _bench.SeedAsync();
        _bench.Store.Hang();
        Func<Task>[] writes =
        [
            async () => await _bench.Calls.SaveAsync(id.Handle, Records.Sets("a", 1), default),
            async () => await _bench.Calls.DeleteAsync(id.Handle, default),
            async () => await _bench.Calls.PutNewAsync(null, Records.New(), true, default),
            async () => await _bench.Calls.PutNewAsync(id.Handle, Records.New(), true, default),
            async () => await _bench.Calls.DeleteBySubjectAsync("ann", null, default),
        ];

        foreach (var write in writes)
        {
            await AssertGivenUpAsync(SessionStoreError.UnknownOutcome, write);
        }

        var limited = new SessionBench(o => o.MaxSessionsPerSubject = 1, sameStoreAs: _bench);
        await AssertGivenUpAsync(
            SessionStoreError.UnknownOutcome, async () => await limited.Calls.PutNewAsync(null, Records.New(subject: "ann"), true, default));
    }

    [Fact]
    public async Task A_store_that_heeds_the_token_is_told_to_stop()
    {
        var id = await _bench.SeedAsync();
        var stopped = new TaskCompletionSource();
        _bench.Store.Before = async (_, ct) =>
        {
            ct.Register(stopped.SetResult);
            await stopped.Task;
            throw new OperationCanceledException(ct);
        };

        await AssertGivenUpAsync(SessionStoreError.TimedOut, async () => await _bench.Calls.LoadAsync(id.Handle, default));
        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_driver_that_hangs_in_its_own_cancellation_holds_nobody_up()
    {
        var id = await _bench.SeedAsync();
        using var release = new ManualResetEventSlim();
        _bench.Store.Before = async (_, ct) =>
        {
            ct.Register(release.Wait);
            await new TaskCompletionSource().Task;
        };

        try
        {
            await AssertGivenUpAsync(SessionStoreError.TimedOut, async () => await _bench.Calls.LoadAsync(id.Handle, default));
        }
        finally
        {
            release.Set();
        }
    }

    [Fact]
    public async Task An_answer_just_in_time_is_an_answer()
    {
        var id = await _bench.SeedAsync(number: 7);
        var answer = new TaskCompletionSource();
        _bench.Store.Before = (_, _) => new ValueTask(answer.Task);
        var load = _bench.Calls.LoadAsync(id.Handle, default).AsTask();
        _bench.Clock.Advance(_bench.Options.OperationTimeout - Records.Tick);
        answer.SetResult();

        Assert.Equal(7, (await load)!.Get(Number));
    }

    [Fact]
    public async Task What_the_driver_throws_is_passed_on_as_it_is()
    {
        var id = await _bench.SeedAsync();
        foreach (var fault in new Exception[] { new SessionStoreException(SessionStoreError.Unavailable, "x"), new TimeoutException("own") })
        {
            _bench.Store.Before = async (_, _) =>
            {
                await Task.Yield();
                throw fault;
            };

            Assert.Same(fault, await Assert.ThrowsAnyAsync<Exception>(async () => await _bench.Calls.LoadAsync(id.Handle, default)));
        }
    }

    [Fact]
    public async Task A_store_that_fails_before_it_has_anything_to_wait_for_fails_the_task_and_not_the_call()
    {
        var calls = new StoreCalls(new FailingStore(), Microsoft.Extensions.Options.Options.Create(_bench.Options), _bench.Clock);

        var load = calls.LoadAsync(SessionId.New().Handle, default);

        await Assert.ThrowsAsync<SessionStoreException>(async () => await load);
    }

    [Fact]
    public async Task A_store_that_cannot_do_what_it_is_asked_for_is_named_with_what_it_lacks()
    {
        using var plain = new PlainStore();
        _bench.Options.MaxSessionsPerSubject = 1;
        var calls = new StoreCalls(plain, Microsoft.Extensions.Options.Options.Create(_bench.Options), _bench.Clock);
        (string Purpose, string Capability, Func<Task> Use)[] lacking =
        [
            ("Finding the sessions of a subject", nameof(ISubjectSessionStore), async () => await calls.FindBySubjectAsync("ann", 1, null, default)),
            ("Ending the sessions of a subject", nameof(ISubjectSessionStore), async () => await calls.DeleteBySubjectAsync("ann", null, default)),
            ("MaxSessionsPerSubject", nameof(ISubjectLimitStore), async () => await calls.PutNewAsync(null, Records.New(subject: "ann"), true, default)),
        ];

        foreach (var (purpose, capability, use) in lacking)
        {
            Assert.Equal(
                $"{purpose} needs an {capability}, which PlainStore is not.", (await Assert.ThrowsAsync<InvalidOperationException>(use)).Message);
        }
    }

    [Fact]
    public async Task A_caller_that_cancels_waits_no_longer()
    {
        var id = await _bench.SeedAsync();
        _bench.Store.Hang();
        using var cts = new CancellationTokenSource();
        var session = _bench.Open(id);
        var read = session.GetAsync(Number, cts.Token).AsTask();
        await cts.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    [Fact]
    public async Task A_late_fault_of_a_call_that_was_given_up_on_troubles_nobody()
    {
        var id = await _bench.SeedAsync();
        var unobserved = 0;
        void Observe(object? sender, UnobservedTaskExceptionEventArgs e) =>
            _ = e.Exception.InnerExceptions.Any(fault => fault.Message == "planted late fault") ? Interlocked.Increment(ref unobserved) : 0;
        TaskScheduler.UnobservedTaskException += Observe;
        try
        {
            await GiveUpThenFailAsync(id, isCancelled: false);
            await GiveUpThenFailAsync(id, isCancelled: true);
            for (var i = 0; i < 3; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Observe;
        }

        Assert.Equal(0, unobserved);
    }

    private async Task GiveUpThenFailAsync(SessionId id, bool isCancelled)
    {
        var late = new TaskCompletionSource();
        _bench.Store.Before = (_, _) => new ValueTask(late.Task);
        using var cts = new CancellationTokenSource();
        var call = _bench.Calls.LoadAsync(id.Handle, cts.Token).AsTask();
        if (isCancelled)
        {
            await cts.CancelAsync();
        }

        await Eventually.TrueAsync(_bench.Clock, _bench.Options.OperationTimeout, () => call.IsCompleted, "the call was given up on");
        await Assert.ThrowsAnyAsync<Exception>(() => call);
        late.SetException(new InvalidOperationException("planted late fault"));
    }

    private sealed class FailingStore : PlainStore, ISessionStore
    {
        ValueTask<SessionRecord?> ISessionStore.LoadAsync(SessionHandle handle, CancellationToken ct) =>
            throw new SessionStoreException(SessionStoreError.Unavailable, "planted fault");
    }

    private async Task AssertGivenUpAsync(SessionStoreError error, Func<Task> use)
    {
        var call = use();
        Assert.False(call.IsCompleted);
        _bench.Clock.Advance(_bench.Options.OperationTimeout - Records.Tick);
        Assert.False(call.IsCompleted);
        _bench.Clock.Advance(Records.Tick);

        var fault = await Assert.ThrowsAsync<SessionStoreException>(() => call.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(error, fault.Error);
        Assert.Contains(nameof(CountingStore), fault.Message, StringComparison.Ordinal);
    }
}
