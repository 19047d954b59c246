using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>Renewing while others use the session: a write that slips in is carried over or reported, never silently lost.</summary>
public abstract class RenewRaceConformance : ConformanceTest
{
    [Fact]
    public async Task Of_concurrent_renewals_exactly_one_succeeds_and_the_others_leave_nothing()
    {
        await RepeatAsync(Harness.RaceRounds, async _ =>
        {
            var old = await CreateAsync();
            var renewals = Enumerable.Range(0, 3).Select(i => Renewal(old, i == 0 ? null : NewSubject())).ToArray();
            var statuses = new SaveStatus[renewals.Length];

            await RaceAsync([.. Enumerable.Range(0, renewals.Length).Select(i => (Func<Task>)(async () =>
                statuses[i] = (await Store.RenewAsync(old.Handle, renewals[i])).Status))]);

            AssertOne(statuses, SaveStatus.Saved, "renewals of one session were saved");
            await AssertNotThereAsync(old.Handle);
            for (var i = 0; i < renewals.Length; i++)
            {
                Assert.Equal(statuses[i] == SaveStatus.Saved, await Store.LoadAsync(renewals[i].Handle) is not null);
            }
        });
    }

    [Fact]
    public async Task A_save_that_races_with_a_renewal_is_carried_over_or_reported_gone()
    {
        await RepeatAsync(Harness.RaceRounds, async _ =>
        {
            var old = await CreateAsync(values: Values(("kept", "1")));
            var renewed = Renewal(old, NewSubject());
            var (save, renewal) = (SaveResult.Conflict, SaveResult.Conflict);

            await RaceAsync(
                async () => save = await Store.SaveAsync(old.Handle, Set(("slipped in", "1"))),
                async () => renewal = await Store.RenewAsync(old.Handle, renewed));

            // Either the save came first, and the renewal has to be built again; or the renewal did, and the save is told so.
            if (save.Status == SaveStatus.Saved)
            {
                Assert.Equal(SaveStatus.Conflict, renewal.Status);
                Assert.Equal(Values(("kept", "1"), ("slipped in", "1")), (await LoadLiveAsync(old.Handle)).Values);
                await AssertNotThereAsync(renewed.Handle);
            }
            else
            {
                Assert.Equal((SaveStatus.Gone, SaveStatus.Saved), (save.Status, renewal.Status));
                await AssertNotThereAsync(old.Handle);
                Assert.Equal(Values(("kept", "1")), (await LoadLiveAsync(renewed.Handle)).Values);
            }
        });
    }

    [Fact]
    public async Task Saves_that_go_on_until_they_are_told_of_the_renewal_are_all_in_the_new_session()
    {
        await RepeatAsync(Math.Max(Harness.RaceRounds / 10, 5), async _ =>
        {
            var session = await CreateAsync(values: SessionValues.Empty);
            var saved = new List<string>();
            var renewed = session;

            await RaceAsync(
                async () =>
                {
                    for (var i = 0; i < 100 && (await Store.SaveAsync(session.Handle, Set(($"{i}", "x")))).Status == SaveStatus.Saved; i++)
                    {
                        saved.Add($"{i}");
                    }
                },
                async () => renewed = await RenewUntilSavedAsync(session.Handle));

            await AssertNotThereAsync(session.Handle);
            Assert.Equal(saved.Order(StringComparer.Ordinal), (await LoadLiveAsync(renewed.Handle)).Values.Keys);
        });
    }

    [Fact]
    public async Task A_touch_that_races_with_a_renewal_never_stops_it()
    {
        await RepeatAsync(Harness.RaceRounds, async _ =>
        {
            var old = await CreateAsync();
            var renewed = Renewal(old);
            var (touch, renewal) = (SaveResult.Conflict, SaveResult.Conflict);

            await RaceAsync(
                async () => touch = await Store.SaveAsync(old.Handle, SessionChanges.Touch),
                async () => renewal = await Store.RenewAsync(old.Handle, renewed));

            Assert.Equal(SaveStatus.Saved, renewal.Status);
            Assert.NotEqual(SaveStatus.Conflict, touch.Status);
            await AssertNotThereAsync(old.Handle);
            await LoadLiveAsync(renewed.Handle);
        });
    }

    [Fact]
    public async Task A_deletion_that_races_with_a_renewal_ends_the_old_session_or_is_told_that_it_is_not_there()
    {
        await RepeatAsync(Harness.RaceRounds, async _ =>
        {
            var old = await CreateAsync(NewSubject());
            var renewed = Renewal(old);
            var deleted = false;
            var renewal = SaveResult.Conflict;

            await RaceAsync(
                async () => deleted = await Store.DeleteAsync(old.Handle),
                async () => renewal = await Store.RenewAsync(old.Handle, renewed));

            Assert.Equal(deleted ? SaveStatus.Gone : SaveStatus.Saved, renewal.Status);
            await AssertNotThereAsync(old.Handle);
            Assert.Equal(deleted, await Store.LoadAsync(renewed.Handle) is null);
        });
    }

    [Fact]
    public async Task Whoever_finds_the_new_session_there_finds_the_old_one_gone()
    {
        await RepeatAsync(Harness.RaceRounds, async _ =>
        {
            var old = await CreateAsync(NewSubject());
            var renewed = Renewal(old);
            SessionRecord? predecessor = null;

            await RaceAsync(
                async () => await Store.RenewAsync(old.Handle, renewed),
                async () =>
                {
                    while (await Store.LoadAsync(renewed.Handle) is null)
                    {
                        await Task.Yield();
                    }

                    predecessor = await Store.LoadAsync(old.Handle);
                });

            Assert.True(predecessor is null, "The new session was there while the old one still was.");
        });
    }

    [Fact]
    public async Task Whoever_finds_the_old_session_gone_finds_the_new_one_there()
    {
        await RepeatAsync(Harness.RaceRounds, async _ =>
        {
            var old = await CreateAsync(NewSubject());
            var renewed = Renewal(old);
            SessionRecord? successor = null;

            await RaceAsync(
                async () => await Store.RenewAsync(old.Handle, renewed),
                async () =>
                {
                    while (await Store.LoadAsync(old.Handle) is not null)
                    {
                        await Task.Yield();
                    }

                    successor = await Store.LoadAsync(renewed.Handle);
                });

            Assert.True(successor is not null, "The old session was gone before the new one was there.");
        });
    }

    [Fact]
    public async Task A_save_of_the_new_session_the_moment_it_is_there_is_not_undone_by_its_renewal()
    {
        await RepeatAsync(Harness.RaceRounds, async _ =>
        {
            var old = await CreateAsync(values: Values(("kept", "1")));
            var renewed = Renewal(old, NewSubject());
            var save = SaveResult.Gone;

            await RaceAsync(
                async () => await Store.RenewAsync(old.Handle, renewed),
                async () =>
                {
                    for (var attempt = 1; save.Status == SaveStatus.Gone; attempt++)
                    {
                        if (attempt % 50 == 0)
                        {
                            await Task.Yield();
                        }

                        save = await Store.SaveAsync(renewed.Handle, Set(("early", "1")));
                    }
                });

            Assert.Equal((SaveStatus.Saved, 3L), (save.Status, save.Version));
            Assert.Equal(Values(("early", "1"), ("kept", "1")), (await LoadLiveAsync(renewed.Handle)).Values);
        });
    }

    private async Task<SessionRecord> RenewUntilSavedAsync(SessionHandle handle)
    {
        while (true)
        {
            var renewed = Renewal(await LoadLiveAsync(handle), NewSubject());
            var result = await Store.RenewAsync(handle, renewed);
            if (result.Status == SaveStatus.Saved)
            {
                return renewed;
            }

            Assert.Equal(SaveStatus.Conflict, result.Status);
        }
    }
}
