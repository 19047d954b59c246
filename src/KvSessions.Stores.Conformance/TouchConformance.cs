using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>Touching: the idle expiry moves on, never back and never past the absolute one, and nothing else changes.</summary>
public abstract class TouchConformance : ConformanceTest
{
    [Fact]
    public async Task A_touch_moves_the_idle_expiry_on_and_changes_nothing_else()
    {
        var session = await CreateAsync(NewSubject());
        await Harness.AdvanceAsync(TimeSpan.FromMinutes(5));
        var before = await LoadLiveAsync(session.Handle);

        var result = await SaveAsync(session.Handle, SessionChanges.Touch);

        var touched = await LoadLiveAsync(session.Handle);
        AssertAge(TimeSpan.Zero, touched.LastSeenAt);
        AssertAge(-IdleTimeout, touched.IdleExpiresAt);
        Assert.Equal(before with { LastSeenAt = touched.LastSeenAt }, touched);
        Assert.Equal((touched.Version, touched.LastSeenAt, touched.Expiry), (result.Version, result.LastSeenAt, result.Expiry));
    }

    [Fact]
    public async Task A_session_that_is_touched_in_time_lives_until_its_absolute_expiry_and_no_longer()
    {
        var session = await CreateAsync(expiry: new() { IdleTimeout = TimeSpan.FromMinutes(20), Lifetime = TimeSpan.FromMinutes(70) });
        for (var minutes = 15; minutes < 70; minutes += 15)
        {
            await Harness.AdvanceAsync(TimeSpan.FromMinutes(15));
            await SaveAsync(session.Handle, SessionChanges.Touch);
        }

        await Harness.AdvanceAsync(TimeSpan.FromMinutes(10) - Edge);
        var last = await LoadLiveAsync(session.Handle);
        Assert.Equal(last.AbsoluteExpiresAt, last.ExpiresAt);
        await SaveAsync(session.Handle, SessionChanges.Touch);

        await Harness.AdvanceAsync(Edge);
        await AssertNotThereAsync(session.Handle);
        Assert.Equal(SaveResult.Gone, await Store.SaveAsync(session.Handle, SessionChanges.Touch));
    }

    [Fact]
    public async Task A_touch_does_not_move_a_fixed_expiry()
    {
        var session = await CreateAsync(expiry: SessionExpiry.In(Lifetime));
        await Harness.AdvanceAsync(Lifetime / 2);

        var result = await SaveAsync(session.Handle, SessionChanges.Touch);

        AssertAge(-Lifetime / 2, result.Expiry?.AbsoluteExpiresAt);
        await Harness.AdvanceAsync(Lifetime / 2);
        await AssertNotThereAsync(session.Handle);
    }

    [Fact]
    public async Task Neither_a_touch_nor_a_save_moves_the_time_last_seen_back_when_the_clock_goes_back()
    {
        var session = await CreateAsync();
        await Harness.AdvanceAsync(TimeSpan.FromMinutes(5));
        await SaveAsync(session.Handle, SessionChanges.Touch);
        await Harness.AdvanceAsync(TimeSpan.FromMinutes(-2));

        var touched = await SaveAsync(session.Handle, SessionChanges.Touch);
        AssertAge(TimeSpan.FromMinutes(-2), touched.LastSeenAt);

        var saved = await SaveAsync(session.Handle, Set(("a", "1")));
        AssertAge(TimeSpan.FromMinutes(-2), saved.LastSeenAt);
        AssertAge(TimeSpan.FromMinutes(-2), (await LoadLiveAsync(session.Handle)).LastSeenAt);
    }

    [Fact]
    public async Task A_touch_of_an_unknown_a_deleted_or_an_expired_session_is_gone_and_brings_nothing_back()
    {
        var expired = await CreateAsync(expiry: SessionExpiry.Idle(IdleTimeout));
        await Harness.AdvanceAsync(IdleTimeout);
        var deleted = await CreateAsync();
        await Store.DeleteAsync(deleted.Handle);

        foreach (var handle in new[] { NewHandle(), deleted.Handle, expired.Handle })
        {
            Assert.Equal(SaveResult.Gone, await Store.SaveAsync(handle, SessionChanges.Touch));
            await AssertNotThereAsync(handle);
        }
    }

    [Fact]
    public async Task A_touch_can_expect_a_version()
    {
        var session = await CreateAsync();
        await Harness.AdvanceAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(SaveResult.Conflict, await Store.SaveAsync(session.Handle, new() { ExpectedVersion = session.Version + 1 }));
        AssertAge(TimeSpan.FromMinutes(5), (await LoadLiveAsync(session.Handle)).LastSeenAt);

        await SaveAsync(session.Handle, new() { ExpectedVersion = session.Version });
        AssertAge(TimeSpan.Zero, (await LoadLiveAsync(session.Handle)).LastSeenAt);
    }

    [Fact]
    public async Task Touches_among_saves_neither_count_nor_undo_them()
    {
        var session = await CreateAsync(values: SessionValues.Empty);
        var rounds = Math.Min(Harness.RaceRounds, 400);

        await RaceAsync(
            async () =>
            {
                for (var i = 0; i < rounds; i++)
                {
                    await SaveAsync(session.Handle, SessionChanges.Touch);
                }
            },
            async () =>
            {
                for (var i = 0; i < rounds; i++)
                {
                    await SaveAsync(session.Handle, Set(($"{i}", "x")));
                }
            });

        var now = await LoadLiveAsync(session.Handle);
        AssertCount(rounds, now.Version - 1, "saves were acknowledged");
        AssertCount(rounds, now.Values.Count, "different keys were acknowledged");
    }
}
