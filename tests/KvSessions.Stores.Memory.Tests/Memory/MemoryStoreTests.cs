using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace KvSessions.Stores.Memory.Tests;

public sealed class MemoryStoreTests
{
    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(100_000_001)]
    public void A_bound_out_of_range_is_refused_by_name(int maxSessions)
    {
        var options = Options.Create(new MemoryStoreOptions { MaxSessions = maxSessions });

        var fault = Assert.Throws<OptionsValidationException>(() => new MemoryStore(options));

        Assert.Contains($"MemoryStoreOptions.MaxSessions is {maxSessions}; it must be from 1 to", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_call_answers_at_once()
    {
        var store = new MemoryStore(timeProvider: _clock);
        var record = Records.New(_clock);

        Task[] calls =
        [
            store.CreateAsync(record).AsTask(),
            store.SaveAsync(record.Handle, SessionChanges.Touch).AsTask(),
            store.LoadAsync(record.Handle).AsTask(),
            store.RenewAsync(record.Handle, Records.New(_clock) with { Version = 2 }).AsTask(),
            store.DeleteAsync(record.Handle).AsTask(),
        ];
        Assert.All(calls, static call => Assert.True(call.IsCompletedSuccessfully));
    }

    [Fact]
    public async Task A_sweep_in_small_batches_looks_at_each_session_a_few_times_only()
    {
        var clock = new HookClock();
        var store = new MemoryStore(timeProvider: clock);
        for (var i = 0; i < 2_000; i++)
        {
            await store.CreateAsync(Records.New(clock, null, SessionExpiry.Idle(TimeSpan.FromMinutes(i % 2 == 0 ? 1 : 9))));
        }

        clock.Now += TimeSpan.FromMinutes(2);
        var reads = 0;
        clock.OnRead = () => reads++;
        while (await store.DeleteExpiredAsync(10) == 10)
        {
        }

        Assert.Equal(1_000, store.Count);
        Assert.InRange(reads, 2_000, 6_000);
    }

    [Fact]
    public async Task Whoever_reads_in_the_middle_of_a_revocation_waits_until_all_of_its_sessions_have_ended()
    {
        var clock = new HookClock();
        var store = new MemoryStore(timeProvider: clock);
        var records = Enumerable.Range(0, 2).Select(_ => Records.New(clock, "alice")).OrderBy(static record => record.Handle).ToList();
        await store.CreateAsync(records[0]);
        await store.CreateAsync(records[1]);
        var seen = new List<SessionRecord?>();
        var reader = new Thread(() => seen.AddRange(records.Select(record => store.LoadAsync(record.Handle).AsTask().Result)));
        var reads = 0;
        clock.OnRead = () =>
        {
            // It asks for the time before it ends a session, so now the first has ended and the second has not.
            if (++reads == 2)
            {
                clock.OnRead = null;
                reader.Start();
                SpinWait.SpinUntil(() => reader.ThreadState is ThreadState.Stopped or ThreadState.WaitSleepJoin);
            }
        };

        var ended = await store.DeleteBySubjectAsync("alice");

        reader.Join();
        Assert.Equal(2, ended.Count);
        Assert.Equal([null, null], seen);
    }

    [Fact]
    public async Task A_page_must_hold_at_least_one_session_and_go_on_from_a_page()
    {
        var store = new MemoryStore(timeProvider: _clock);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("pageSize", async () => await store.FindBySubjectAsync("alice", 0));
        await Assert.ThrowsAsync<ArgumentException>("continuation", async () => await store.FindBySubjectAsync("alice", 1, "page 2"));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("batchSize", async () => await store.DeleteExpiredAsync(0));
    }

    [Fact]
    public async Task A_limit_of_sessions_needs_a_subject()
    {
        var store = new MemoryStore(timeProvider: _clock);

        await Assert.ThrowsAnyAsync<ArgumentException>(async () =>
            await store.AdmitAsync(null, Records.New(_clock), new SubjectLimit(1, SubjectLimitRule.EvictOldest)));
    }

    [Fact]
    public async Task A_save_over_a_limit_fails_in_its_task()
    {
        var store = new MemoryStore(timeProvider: _clock);
        var record = Records.New(_clock);
        await store.CreateAsync(record);
        var changes = Records.Set("key", "value");

        var save = store.SaveAsync(record.Handle, new() { Sets = changes.Sets, Limits = new SessionLimits { MaxTotalBytes = 1 } }).AsTask();

        Assert.True(save.IsFaulted);
        await Assert.ThrowsAsync<SessionLimitException>(() => save);
    }

    private sealed class HookClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2031, 5, 4, 3, 2, 1, TimeSpan.Zero);

        public Action? OnRead { get; set; }

        public override DateTimeOffset GetUtcNow()
        {
            OnRead?.Invoke();
            return Now;
        }
    }
}
