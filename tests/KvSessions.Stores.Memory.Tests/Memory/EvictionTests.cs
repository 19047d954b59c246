using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace KvSessions.Stores.Memory.Tests;

public sealed class EvictionTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly ListLogger<MemoryStore> _log = new();

    [Fact]
    public async Task A_full_store_evicts_expired_then_anonymous_then_signed_in_sessions_the_least_recently_seen_first()
    {
        var store = Store(maxSessions: 6);
        var oldAnonymous = await CreateAsync(store);
        var signedInFirst = await CreateAsync(store, "alice");
        var expires = await CreateAsync(store, "carol", TimeSpan.FromMinutes(5));
        var anonymous = await CreateAsync(store);
        var signedInSecond = await CreateAsync(store, "bob");
        var anonymousSeenLast = await CreateAsync(store);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await store.SaveAsync(oldAnonymous, SessionChanges.Touch);
        _clock.Advance(TimeSpan.FromMinutes(4));

        SessionHandle[] inOrder = [expires, anonymous, anonymousSeenLast, oldAnonymous, signedInFirst, signedInSecond];
        for (var i = 0; i < inOrder.Length; i++)
        {
            await CreateAsync(store, "newcomer");

            Assert.Equal(6, store.Count);
            Assert.Null(await store.LoadAsync(inOrder[i]));
            foreach (var kept in inOrder.Skip(i + 1))
            {
                Assert.NotNull(await store.LoadAsync(kept));
            }
        }
    }

    [Fact]
    public async Task The_session_that_makes_the_store_too_full_is_never_the_one_to_go()
    {
        var store = Store(maxSessions: 1);
        await CreateAsync(store, "alice");

        var anonymous = await CreateAsync(store);

        Assert.NotNull(await store.LoadAsync(anonymous));
        Assert.Equal((1, 0), (store.Count, store.SubjectCount));
    }

    [Fact]
    public async Task A_batch_makes_room_for_a_hundredth_and_is_logged_once()
    {
        var store = Store(maxSessions: 1_000);
        for (var i = 0; i < 1_000; i++)
        {
            await CreateAsync(store, i < 500 ? $"user {i}" : null);
        }

        await CreateAsync(store);
        Assert.Equal(990, store.Count);
        for (var i = 0; i < 10; i++)
        {
            await CreateAsync(store);
        }

        Assert.Equal(1_000, store.Count);
        var (level, message) = Assert.Single(_log.Messages);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains("MaxSessions is 1000", message, StringComparison.Ordinal);
        Assert.Contains("11 anonymous and 0 signed in", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Expired_sessions_go_without_a_warning_and_no_live_one_with_them()
    {
        var store = Store(maxSessions: 10);
        for (var i = 0; i < 5; i++)
        {
            await CreateAsync(store, i % 2 == 0 ? "alice" : null, TimeSpan.FromMinutes(1));
        }

        for (var i = 0; i < 5; i++)
        {
            await CreateAsync(store);
        }

        _clock.Advance(TimeSpan.FromMinutes(1));
        await CreateAsync(store);

        Assert.Equal((6, 0), (store.Count, store.SubjectCount));
        Assert.Empty(_log.Messages);
    }

    [Fact]
    public async Task Sign_ins_keep_to_the_bound_too()
    {
        var store = Store(maxSessions: 3);
        for (var i = 0; i < 10; i++)
        {
            await store.AdmitAsync(null, Records.New(_clock, $"user {i}"), new SubjectLimit(5, SubjectLimitRule.EvictOldest));
        }

        Assert.Equal((3, 3), (store.Count, store.SubjectCount));
    }

    [Fact]
    public async Task Renewals_do_not_count_as_more_sessions()
    {
        var store = Store(maxSessions: 2);
        var bystander = await CreateAsync(store);
        var record = Records.New(_clock);
        await store.CreateAsync(record);
        for (var i = 0; i < 10; i++)
        {
            var renewed = record with { Handle = SessionId.New().Handle, Version = record.Version + 1, Subject = "alice" };
            await store.RenewAsync(record.Handle, renewed);
            record = renewed;
        }

        Assert.Equal((2, 1), (store.Count, store.SubjectCount));
        Assert.NotNull(await store.LoadAsync(bystander));
    }

    [Fact]
    public async Task Concurrent_creations_end_within_the_bound_and_leave_the_counts_right()
    {
        var store = Store(maxSessions: 250);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 2_000; i++)
            {
                var handle = await CreateAsync(store, i % 3 == 0 ? $"user {worker} {i}" : null);
                await store.SaveAsync(handle, Records.Set("a", "1"));
                if (i % 5 == 0)
                {
                    await store.DeleteAsync(handle);
                }
            }
        })));

        Assert.InRange(store.Count, 1, 250);
        _clock.Advance(TimeSpan.FromDays(1));
        var left = store.Count;
        Assert.Equal(left, await store.DeleteExpiredAsync(10_000));
        Assert.Equal((0, 0), (store.Count, store.SubjectCount));
    }

    private MemoryStore Store(int maxSessions) => new(Options.Create(new MemoryStoreOptions { MaxSessions = maxSessions }), _clock, _log);

    private async Task<SessionHandle> CreateAsync(MemoryStore store, string? subject = null, TimeSpan? idle = null)
    {
        _clock.Advance(TimeSpan.FromTicks(1));
        var record = Records.New(_clock, subject, SessionExpiry.Idle(idle ?? TimeSpan.FromHours(1)));
        Assert.True(await store.CreateAsync(record));
        return record.Handle;
    }
}
