using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>Limits of a session as a whole: checked in the same atomic step as the save, which changes nothing if it fails.</summary>
public abstract class LimitsConformance : ConformanceTest
{
    [Fact]
    public async Task A_save_may_fill_a_session_to_its_most_keys_and_not_beyond()
    {
        var limits = new SessionLimits { MaxKeys = 3 };
        var session = await CreateAsync(values: Values(("a", "1"), ("b", "2")));

        await SaveAsync(session.Handle, new() { Limits = limits, Sets = Values(("c", "3")) });

        await AssertOverAsync(session.Handle, nameof(SessionLimits.MaxKeys), new() { Limits = limits, Sets = Values(("d", "4")) });
        await AssertOverAsync(session.Handle, nameof(SessionLimits.MaxKeys), new() { Limits = limits, Sets = Values(("a", "x"), ("d", "4")) });
    }

    [Fact]
    public async Task A_save_may_fill_a_session_to_its_most_bytes_and_not_beyond()
    {
        // "é" is two bytes of UTF-8, and each value three.
        var limits = new SessionLimits { MaxTotalBytes = 10 };
        var session = await CreateAsync(values: Values(("\u00e9", "123")));

        await SaveAsync(session.Handle, new() { Limits = limits, Sets = Values(("\u00e8", "123")) });

        await AssertOverAsync(session.Handle, nameof(SessionLimits.MaxTotalBytes), new() { Limits = limits, Sets = Values(("\u00e8", "1234")) });
        await AssertOverAsync(session.Handle, nameof(SessionLimits.MaxTotalBytes), new() { Limits = limits, Sets = Values(("z", "")) });
    }

    [Fact]
    public async Task What_a_save_replaces_removes_or_clears_makes_room_for_what_it_sets()
    {
        var limits = new SessionLimits { MaxKeys = 2, MaxTotalBytes = 8 };
        var session = await CreateAsync(values: Values(("a", "123"), ("b", "123")));

        await SaveAsync(session.Handle, new() { Limits = limits, Sets = Values(("b", "456")) });
        await SaveAsync(session.Handle, new() { Limits = limits, Sets = Values(("c", "456")), Removes = new HashSet<string> { "a" } });
        await SaveAsync(session.Handle, new() { Limits = limits, Sets = Values(("d", "123"), ("e", "123")), Clears = true });

        Assert.Equal(Values(("d", "123"), ("e", "123")), (await LoadLiveAsync(session.Handle)).Values);
    }

    [Fact]
    public async Task A_touch_and_a_new_expiry_are_never_over_a_limit()
    {
        var limits = new SessionLimits { MaxKeys = 1, MaxTotalBytes = 1 };
        var session = await CreateAsync();

        await SaveAsync(session.Handle, new() { Limits = limits });
        await SaveAsync(session.Handle, new() { Limits = limits, Expiry = SessionExpiry.Idle(Lifetime) });
    }

    [Fact]
    public async Task Gone_and_conflict_come_before_a_limit()
    {
        var limits = new SessionLimits { MaxKeys = 1 };
        var session = await CreateAsync();
        var over = Values(("a", "1"), ("b", "2"));

        Assert.Equal(SaveResult.Gone, await Store.SaveAsync(NewHandle(), new() { Limits = limits, Sets = over }));
        Assert.Equal(SaveResult.Conflict, await Store.SaveAsync(session.Handle, new() { ExpectedVersion = 9, Limits = limits, Sets = over }));
    }

    [Fact]
    public async Task A_save_that_removes_too_little_is_over_a_limit_and_one_that_removes_enough_is_not()
    {
        var limits = new SessionLimits { MaxKeys = 1 };
        var session = await CreateAsync(values: Values(("a", "1"), ("b", "2"), ("c", "3")));

        await AssertOverAsync(session.Handle, nameof(SessionLimits.MaxKeys), new() { Limits = limits, Removes = new HashSet<string> { "a" } });

        await SaveAsync(session.Handle, new() { Limits = limits, Removes = new HashSet<string> { "a", "b" } });
    }

    [Fact]
    public async Task A_save_is_held_to_the_limits_that_it_carries_and_to_no_others()
    {
        var limits = new SessionLimits { MaxKeys = 1_500, MaxValueBytes = 5_000_000, MaxTotalBytes = 6_000_000 };
        var expected = Values([.. Enumerable.Range(0, 1_200).Select(static i => ($"key {i}", "x")), ("large", new string('x', 4_500_000))]);
        var (created, saved) = (await CreateAsync(values: expected), await CreateAsync(values: SessionValues.Empty));

        await SaveAsync(saved.Handle, new() { Limits = limits, Sets = expected });

        Assert.Equal(expected, created.Values);
        Assert.Equal(expected, (await LoadLiveAsync(saved.Handle)).Values);
    }

    [Fact]
    public async Task Concurrent_saves_never_exceed_a_limit_together()
    {
        var limits = new SessionLimits { MaxKeys = 10 };
        await RepeatAsync(Math.Max(Harness.RaceRounds / 10, 5), async _ =>
        {
            var session = await CreateAsync(values: SessionValues.Empty);
            var refused = 0;

            await RaceAsync([.. Enumerable.Range(0, 16).Select(i => (Func<Task>)(async () =>
            {
                try
                {
                    await SaveAsync(session.Handle, new() { Limits = limits, Sets = Values(($"{i}", "x")) });
                }
                catch (SessionLimitException)
                {
                    Interlocked.Increment(ref refused);
                }
            }))]);

            Assert.Equal(6, refused);
            Assert.Equal(10, (await LoadLiveAsync(session.Handle)).Values.Count);
        });
    }

    private async Task AssertOverAsync(SessionHandle handle, string limit, SessionChanges changes)
    {
        await Harness.AdvanceAsync(TimeSpan.FromMinutes(1));
        var before = await LoadLiveAsync(handle);

        var over = await Assert.ThrowsAsync<SessionLimitException>(async () => await Store.SaveAsync(handle, changes));

        Assert.Equal(limit, over.Limit);
        await AssertUnchangedAsync(before);
    }
}
