using System.Globalization;
using System.Text;
using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>Saving: key by key in one atomic step, never a lost write, never a session brought back.</summary>
public abstract class SaveConformance : ConformanceTest
{
    [Fact]
    public async Task A_save_sets_its_keys_and_keeps_the_others()
    {
        var session = await CreateAsync(values: Values(("a", "1"), ("b", "2")));

        await SaveAsync(session.Handle, Set(("b", "3"), ("c", "4")));

        Assert.Equal(Values(("a", "1"), ("b", "3"), ("c", "4")), (await LoadLiveAsync(session.Handle)).Values);
    }

    [Fact]
    public async Task A_save_removes_its_keys_and_keeps_the_others()
    {
        var session = await CreateAsync(values: Values(("a", "1"), ("b", "2"), ("c", "3")));

        await SaveAsync(session.Handle, Remove("a", "c", "never there"));

        Assert.Equal(Values(("b", "2")), (await LoadLiveAsync(session.Handle)).Values);
    }

    [Fact]
    public async Task A_save_sets_and_removes_in_one_step()
    {
        var session = await CreateAsync(values: Values(("a", "1"), ("b", "2")));

        await SaveAsync(session.Handle, new SessionChanges { Sets = Values(("c", "3")), Removes = new HashSet<string> { "a" } });

        Assert.Equal(Values(("b", "2"), ("c", "3")), (await LoadLiveAsync(session.Handle)).Values);
    }

    [Fact]
    public async Task A_save_that_clears_leaves_only_what_it_sets()
    {
        var session = await CreateAsync(values: Values(("a", "1"), ("b", "2")));

        await SaveAsync(session.Handle, new SessionChanges { Clears = true, Sets = Values(("b", "3")) });
        Assert.Equal(Values(("b", "3")), (await LoadLiveAsync(session.Handle)).Values);

        await SaveAsync(session.Handle, new SessionChanges { Clears = true });
        Assert.Empty((await LoadLiveAsync(session.Handle)).Values);

        await SaveAsync(session.Handle, Set(("c", "4")));
        Assert.Equal(Values(("c", "4")), (await LoadLiveAsync(session.Handle)).Values);
    }

    [Fact]
    public async Task A_save_counts_the_version_up_by_one_whatever_it_changes()
    {
        var session = await CreateAsync(values: Values(("a", "1")));
        SessionChanges[] saves =
        [
            Set(("a", "2")),
            Set(("a", "2")),
            Remove("never there"),
            new() { Clears = true },
            new() { Expiry = SessionExpiry.Idle(IdleTimeout) },
        ];

        for (var i = 0; i < saves.Length; i++)
        {
            var result = await SaveAsync(session.Handle, saves[i]);

            Assert.Equal(i + 2, result.Version);
            Assert.Equal(i + 2, (await LoadLiveAsync(session.Handle)).Version);
        }
    }

    [Fact]
    public async Task A_save_tells_what_is_stored_now()
    {
        var session = await CreateAsync();
        await Harness.AdvanceAsync(TimeSpan.FromMinutes(7));

        var result = await SaveAsync(session.Handle, Set(("a", "1")));

        var now = await LoadLiveAsync(session.Handle);
        AssertAge(TimeSpan.Zero, now.LastSeenAt);
        Assert.Equal(now.Version, result.Version);
        Assert.Equal(now.LastSeenAt, result.LastSeenAt);
        Assert.Equal(now.Expiry, result.Expiry);
    }

    [Fact]
    public async Task A_save_leaves_what_it_is_not_about()
    {
        var session = await CreateAsync(NewRecord(NewSubject()) with { CreatedAt = Now - TimeSpan.FromMinutes(3) });

        await SaveAsync(session.Handle, Set(("a", "1")));

        var now = await LoadLiveAsync(session.Handle);
        Assert.Equal(session.Subject, now.Subject);
        Assert.Equal(session.CreatedAt, now.CreatedAt);
        Assert.Equal(session.Expiry, now.Expiry);
    }

    [Fact]
    public async Task A_save_leaves_other_sessions_alone()
    {
        var subject = NewSubject();
        var other = await CreateAsync(subject);
        var session = await CreateAsync(subject);

        await SaveAsync(session.Handle, new SessionChanges { Clears = true, Sets = Values(("a", "1")) });

        await AssertUnchangedAsync(other);
    }

    [Fact]
    public async Task A_save_of_an_unknown_session_is_gone_and_creates_nothing()
    {
        var handle = NewHandle();

        Assert.Equal(SaveResult.Gone, await Store.SaveAsync(handle, Set(("a", "1"))));

        await AssertNotThereAsync(handle);
        Assert.True(await Store.CreateAsync(NewRecord() with { Handle = handle }), "A save that was gone left something behind.");
    }

    [Fact]
    public async Task A_save_of_a_deleted_session_is_gone_and_does_not_bring_it_back()
    {
        var session = await CreateAsync();
        await Store.DeleteAsync(session.Handle);

        Assert.Equal(SaveResult.Gone, await Store.SaveAsync(session.Handle, Set(("a", "1"))));
        Assert.Equal(SaveResult.Gone, await Store.SaveAsync(session.Handle, new() { ExpectedVersion = 1, Sets = Values(("a", "1")) }));

        await AssertNotThereAsync(session.Handle);
    }

    [Fact]
    public async Task A_save_that_expects_the_version_that_is_there_is_accepted()
    {
        var session = await CreateAsync();

        var result = await SaveAsync(session.Handle, new() { ExpectedVersion = session.Version, Sets = Values(("a", "1")) });

        Assert.Equal(session.Version + 1, result.Version);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_save_that_expects_another_version_is_a_conflict_and_changes_nothing(int off)
    {
        var session = await CreateAsync();
        await SaveAsync(session.Handle, Set(("a", "1")));
        var before = await LoadLiveAsync(session.Handle);
        await Harness.AdvanceAsync(TimeSpan.FromMinutes(1));
        var still = await LoadLiveAsync(session.Handle);

        var changes = new SessionChanges { ExpectedVersion = before.Version + off, Clears = true, Expiry = SessionExpiry.Idle(Lifetime) };
        Assert.Equal(SaveResult.Conflict, await Store.SaveAsync(session.Handle, changes));

        await AssertUnchangedAsync(still);
    }

    [Fact]
    public async Task Writers_of_different_keys_all_survive()
    {
        var session = await CreateAsync(values: SessionValues.Empty);
        var writes = Math.Min(Harness.RaceRounds / 2, 200);

        await RaceAsync([.. Enumerable.Range(0, 4).Select(writer => (Func<Task>)(async () =>
        {
            for (var i = 0; i < writes; i++)
            {
                await SaveAsync(session.Handle, Set(($"{writer}/{i}", $"{i}"), ($"last of {writer}", $"{i}")));
            }
        }))]);

        var now = await LoadLiveAsync(session.Handle);
        AssertCount(4 * (writes + 1), now.Values.Count, "different keys were acknowledged");
        AssertCount(4 * writes, now.Version - 1, "saves were acknowledged");
        Assert.All(Enumerable.Range(0, 4), writer => Assert.True(now.Values[$"last of {writer}"].Span.SequenceEqual(Bytes($"{writes - 1}").Span)));
    }

    [Fact]
    public async Task Writers_and_removers_of_different_keys_do_not_undo_each_other()
    {
        var keys = Math.Min(Harness.RaceRounds, 400);
        var session = await CreateAsync(values: Values([.. Enumerable.Range(0, keys).Select(static i => ($"old {i}", "x"))]));

        await RaceAsync(
            async () =>
            {
                for (var i = 0; i < keys; i++)
                {
                    await SaveAsync(session.Handle, Remove($"old {i}"));
                }
            },
            async () =>
            {
                for (var i = 0; i < keys; i++)
                {
                    await SaveAsync(session.Handle, Set(($"new {i}", "x")));
                }
            });

        var now = await LoadLiveAsync(session.Handle);
        Assert.Equal(Values([.. Enumerable.Range(0, keys).Select(static i => ($"new {i}", "x"))]), now.Values);
    }

    [Fact]
    public async Task Concurrent_increments_by_compare_and_set_lose_none()
    {
        var session = await CreateAsync(values: Values(("count", "0")));
        var increments = Harness.RaceRounds / 4;

        await RaceAsync([.. Enumerable.Repeat<Func<Task>>(
            async () =>
            {
                for (var i = 0; i < increments; i++)
                {
                    await IncrementAsync(session.Handle);
                }
            },
            4)]);

        var now = await LoadLiveAsync(session.Handle);
        AssertCount(4 * increments, Count(now), "increments were acknowledged");
        AssertCount(4 * increments, now.Version - 1, "saves were acknowledged");
    }

    [Fact]
    public async Task A_save_that_races_with_a_deletion_never_brings_the_session_back()
    {
        await RepeatAsync(Harness.RaceRounds, async _ =>
        {
            var session = await CreateAsync();
            var deleted = false;

            await RaceAsync(
                async () => await Store.SaveAsync(session.Handle, Set(("a", "1"))),
                async () => await Store.SaveAsync(session.Handle, SessionChanges.Touch),
                async () => deleted = await Store.DeleteAsync(session.Handle));

            Assert.True(deleted, "A session that nobody else deleted was not there for its deletion.");
            await AssertNotThereAsync(session.Handle);
        });
    }

    private async Task IncrementAsync(SessionHandle handle)
    {
        while (true)
        {
            var now = await LoadLiveAsync(handle);
            var next = new SessionChanges { ExpectedVersion = now.Version, Sets = Values(("count", $"{Count(now) + 1}")) };
            var result = await Store.SaveAsync(handle, next);
            if (result.Status == SaveStatus.Saved)
            {
                Assert.Equal(now.Version + 1, result.Version);
                return;
            }

            Assert.Equal(SaveStatus.Conflict, result.Status);
        }
    }

    private static int Count(SessionRecord record) =>
        int.Parse(Encoding.UTF8.GetString(record.Values["count"].Span), CultureInfo.InvariantCulture);
}
