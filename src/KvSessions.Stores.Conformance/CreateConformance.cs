using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>Creating: insert only, and a collision harms nobody.</summary>
public abstract class CreateConformance : ConformanceTest
{
    [Fact]
    public async Task A_created_session_is_there_with_all_it_was_given()
    {
        var record = NewRecord(NewSubject());

        Assert.True(await Store.CreateAsync(record), "CreateAsync said that the handle is taken, but nobody has used it.");

        var created = await LoadLiveAsync(record.Handle);
        Assert.Equal(1, created.Version);
        Assert.Equal(record.Subject, created.Subject);
        Assert.Equal(record.Values, created.Values);
        Assert.Equal(record.Expiry.IdleTimeout, created.Expiry.IdleTimeout);
        AssertAge(TimeSpan.Zero, created.CreatedAt);
        AssertAge(TimeSpan.Zero, created.LastSeenAt);
    }

    [Fact]
    public async Task A_session_can_be_created_without_any_values()
    {
        var created = await CreateAsync(values: SessionValues.Empty);

        Assert.Empty(created.Values);
    }

    [Fact]
    public async Task A_collision_is_refused_and_leaves_the_session_that_is_there_unharmed()
    {
        var there = await CreateAsync(NewSubject());

        var created = await Store.CreateAsync(NewRecord(NewSubject(), values: Values(("stolen", "yes"))) with { Handle = there.Handle });

        Assert.False(created, "CreateAsync said true, but there was a session under this handle.");
        await AssertUnchangedAsync(there);
    }

    [Fact]
    public async Task A_collision_with_an_expired_session_never_brings_it_back()
    {
        var dead = await CreateAsync(values: Values(("old", "1")));
        await Harness.AdvanceAsync(Lifetime);

        var created = await Store.CreateAsync(NewRecord(values: Values(("new", "1"))) with { Handle = dead.Handle });

        var now = await Store.LoadAsync(dead.Handle);
        Assert.Equal(created ? Values(("new", "1")) : null, now?.Values);
        if (Store is IExpiredSessionStore)
        {
            Assert.False(created, "An expired session was overwritten before it was swept.");
        }
    }

    [Fact]
    public async Task Of_concurrent_creations_under_one_handle_exactly_one_succeeds_and_stays()
    {
        await RepeatAsync(Harness.RaceRounds, async _ =>
        {
            var handle = NewHandle();
            var created = new bool[4];

            await RaceAsync([.. Enumerable.Range(0, created.Length).Select(i => (Func<Task>)(async () =>
                created[i] = await Store.CreateAsync(NewRecord(values: Values(("by", $"{i}"))) with { Handle = handle })))]);

            AssertOne(created, true, "creations under one handle were accepted");
            Assert.Equal(Values(("by", $"{Array.IndexOf(created, true)}")), (await LoadLiveAsync(handle)).Values);
        });
    }

    [Fact]
    public async Task A_session_is_seen_when_it_is_created_by_the_clock_that_decides()
    {
        var created = await CreateAsync(NewRecord() with { LastSeenAt = Now - TimeSpan.FromHours(1) });

        AssertAge(TimeSpan.Zero, created.LastSeenAt);
    }

    [Fact]
    public async Task A_session_from_a_node_with_a_fast_clock_is_not_created_in_the_future()
    {
        var fast = Now + TimeSpan.FromMinutes(5);

        var created = await CreateAsync(NewRecord() with { CreatedAt = fast, LastSeenAt = fast });

        AssertAge(TimeSpan.Zero, created.CreatedAt);
        AssertAge(TimeSpan.Zero, created.LastSeenAt);
    }

    [Fact]
    public async Task A_session_keeps_the_earlier_time_at_which_it_began()
    {
        var created = await CreateAsync(NewRecord() with { CreatedAt = Now - TimeSpan.FromMinutes(3) });

        AssertAge(TimeSpan.FromMinutes(3), created.CreatedAt);
    }

    [Fact]
    public async Task A_session_that_is_over_when_it_is_created_is_never_seen()
    {
        var record = NewRecord(expiry: SessionExpiry.At(Now - TimeSpan.FromMinutes(1)));

        await Store.CreateAsync(record);

        await AssertNotThereAsync(record.Handle);
        Assert.Equal(SaveStatus.Gone, (await Store.SaveAsync(record.Handle, Set(("a", "1")))).Status);
    }
}
