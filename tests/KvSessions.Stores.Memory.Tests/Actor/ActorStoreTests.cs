using Microsoft.Extensions.Options;

namespace KvSessions.Stores.Memory.Tests;

public sealed class ActorStoreTests : IAsyncDisposable
{
    private readonly StallingClock _clock = new();
    private readonly ActorStore _store;

    public ActorStoreTests() => _store = new ActorStore(timeProvider: _clock);

    public async ValueTask DisposeAsync()
    {
        _clock.GoOn();
        await _store.DisposeAsync();
        _clock.Dispose();
    }

    [Fact]
    public async Task A_late_reply_is_a_timeout_for_a_read_and_an_unknown_outcome_for_a_write()
    {
        var record = await CreateAsync();
        await StallAsync();
        var calls = new (Task Call, SessionStoreError Expected)[]
        {
            (_store.LoadAsync(record.Handle).AsTask(), SessionStoreError.TimedOut),
            (_store.FindBySubjectAsync("alice", 10).AsTask(), SessionStoreError.TimedOut),
            (_store.CreateAsync(Records.New(_clock.Inner)).AsTask(), SessionStoreError.UnknownOutcome),
            (_store.SaveAsync(record.Handle, Records.Set("late", "1")).AsTask(), SessionStoreError.UnknownOutcome),
            (_store.RenewAsync(record.Handle, Records.New(_clock.Inner)).AsTask(), SessionStoreError.UnknownOutcome),
            (_store.DeleteBySubjectAsync("alice").AsTask(), SessionStoreError.UnknownOutcome),
            (_store.DeleteExpiredAsync(10).AsTask(), SessionStoreError.UnknownOutcome),
        };

        _clock.Inner.Advance(TimeSpan.FromSeconds(1) - TimeSpan.FromMilliseconds(1));
        Assert.All(calls, static item => Assert.False(item.Call.IsCompleted));
        _clock.Inner.Advance(TimeSpan.FromMilliseconds(1));

        foreach (var (call, expected) in calls)
        {
            Assert.Equal(expected, (await Assert.ThrowsAsync<SessionStoreException>(() => call)).Error);
        }

        _clock.GoOn();
        Assert.True((await _store.LoadAsync(record.Handle))!.Values.ContainsKey("late"), "A late write was thrown away.");
    }

    [Fact]
    public async Task A_full_mailbox_is_unavailable_and_takes_calls_again_later()
    {
        var record = await CreateAsync();
        await StallAsync();
        var waiting = Enumerable.Range(0, Mailbox.Capacity).Select(_ => _store.LoadAsync(record.Handle).AsTask()).ToList();

        var fault = await Assert.ThrowsAsync<SessionStoreException>(async () => await _store.DeleteAsync(record.Handle));

        Assert.Equal(SessionStoreError.Unavailable, fault.Error);
        _clock.GoOn();
        Assert.All(await Task.WhenAll(waiting), Assert.NotNull);
        Assert.True(await _store.DeleteAsync(record.Handle));
    }

    [Fact]
    public async Task A_call_that_fails_does_not_stop_the_ones_after_it()
    {
        var record = await CreateAsync();
        _clock.FailNext = new InvalidTimeZoneException("on purpose");

        await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await _store.SaveAsync(record.Handle, Records.Set("a", "1")));
        await Assert.ThrowsAsync<SessionLimitException>(async () => await _store.SaveAsync(
            record.Handle, new() { Sets = Records.Set("a", "1").Sets, Limits = new SessionLimits { MaxTotalBytes = 1 } }));

        Assert.Equal(SaveStatus.Saved, (await _store.SaveAsync(record.Handle, Records.Set("a", "1"))).Status);
    }

    [Fact]
    public async Task A_wait_can_be_cancelled()
    {
        var record = await CreateAsync();
        await StallAsync();
        using var cancel = new CancellationTokenSource();
        var load = _store.LoadAsync(record.Handle, cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await load);
    }

    [Fact]
    public async Task Disposing_answers_what_waits_and_takes_no_more()
    {
        var record = await CreateAsync();
        await StallAsync();
        var waiting = _store.SaveAsync(record.Handle, Records.Set("a", "1"));
        var disposing = _store.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await _store.LoadAsync(record.Handle));

        _clock.GoOn();
        Assert.Equal(SaveStatus.Saved, (await waiting).Status);
        await disposing;
        await _store.DisposeAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(60_001)]
    public void A_reply_timeout_out_of_range_is_refused_by_name(int milliseconds)
    {
        var options = Options.Create(new ActorStoreOptions { ReplyTimeout = TimeSpan.FromMilliseconds(milliseconds) });

        var fault = Assert.Throws<OptionsValidationException>(() => new ActorStore(options));

        Assert.Contains("ActorStoreOptions.ReplyTimeout is ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_arguments_are_refused_before_they_are_posted()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("pageSize", async () => await _store.FindBySubjectAsync("alice", 0));
        await Assert.ThrowsAsync<ArgumentException>("continuation", async () => await _store.FindBySubjectAsync("alice", 1, "page 2"));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("batchSize", async () => await _store.DeleteExpiredAsync(0));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () =>
            await _store.AdmitAsync(null, Records.New(_clock.Inner), new SubjectLimit(1, SubjectLimitRule.EvictOldest)));
    }

    private async Task<SessionRecord> CreateAsync()
    {
        var record = Records.New(_clock.Inner);
        Assert.True(await _store.CreateAsync(record));
        return record;
    }

    private async Task StallAsync()
    {
        _clock.Stall();
        _ = _store.DeleteExpiredAsync(1).AsTask();
        await _clock.Stalled;
    }
}
