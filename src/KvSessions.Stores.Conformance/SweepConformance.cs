using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>Sweeping: expired sessions only, in batches, and it says how many.</summary>
[RequiresStore(typeof(IExpiredSessionStore))]
public abstract class SweepConformance : ConformanceTest
{
    private IExpiredSessionStore Expired => StoreAs<IExpiredSessionStore>();

    [Fact]
    public async Task A_sweep_of_nothing_deletes_nothing()
    {
        Assert.Equal(0, await Expired.DeleteExpiredAsync(10));

        var session = await CreateAsync();
        Assert.Equal(0, await Expired.DeleteExpiredAsync(10));
        await AssertUnchangedAsync(session);
    }

    [Fact]
    public async Task A_sweep_deletes_what_has_expired_and_nothing_else()
    {
        var anonymous = await CreateAsync(expiry: SessionExpiry.Idle(TimeSpan.FromMinutes(1)));
        var signedIn = await CreateAsync(NewSubject(), SessionExpiry.In(TimeSpan.FromMinutes(1)));
        var touched = await CreateAsync(expiry: SessionExpiry.Idle(TimeSpan.FromMinutes(3)));
        var lives = await CreateAsync(NewSubject());
        await Harness.AdvanceAsync(TimeSpan.FromMinutes(2));
        await SaveAsync(touched.Handle, SessionChanges.Touch);
        await Harness.AdvanceAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(2, await Expired.DeleteExpiredAsync(10));

        await LoadLiveAsync(touched.Handle);
        await LoadLiveAsync(lives.Handle);
        Assert.Equal(0, await Expired.DeleteExpiredAsync(10));
        Assert.True(await Store.CreateAsync(NewRecord() with { Handle = anonymous.Handle }), "A swept session still took up room.");
        Assert.True(await Store.CreateAsync(NewRecord() with { Handle = signedIn.Handle }), "A swept session still took up room.");
    }

    [Fact]
    public async Task A_sweep_spares_a_session_until_its_very_moment()
    {
        var session = await CreateAsync();
        await Harness.AdvanceAsync(IdleTimeout - Edge);
        Assert.Equal(0, await Expired.DeleteExpiredAsync(10));
        await LoadLiveAsync(session.Handle);

        await Harness.AdvanceAsync(Edge);
        Assert.Equal(1, await Expired.DeleteExpiredAsync(10));
    }

    [Fact]
    public async Task A_sweep_keeps_to_its_batch_size_and_a_short_batch_is_the_last()
    {
        var kept = new List<SessionHandle>();
        for (var i = 0; i < 23; i++)
        {
            await CreateAsync(i % 2 == 0 ? null : NewSubject(), SessionExpiry.Idle(TimeSpan.FromMinutes(1)));
            kept.Add((await CreateAsync(expiry: SessionExpiry.Idle(IdleTimeout))).Handle);
        }

        await Harness.AdvanceAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(10, await Expired.DeleteExpiredAsync(10));
        Assert.Equal(10, await Expired.DeleteExpiredAsync(10));
        Assert.Equal(3, await Expired.DeleteExpiredAsync(10));
        Assert.Equal(0, await Expired.DeleteExpiredAsync(10));
        foreach (var handle in kept)
        {
            await LoadLiveAsync(handle);
        }
    }

    [Fact]
    public async Task What_expires_between_the_batches_is_swept_too()
    {
        for (var i = 0; i < 12; i++)
        {
            await CreateAsync(expiry: SessionExpiry.Idle(TimeSpan.FromMinutes(i % 2 == 0 ? 1 : 5)));
        }

        await Harness.AdvanceAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(4, await Expired.DeleteExpiredAsync(4));
        await Harness.AdvanceAsync(TimeSpan.FromMinutes(4));

        Assert.Equal(8, await Expired.DeleteExpiredAsync(100));
    }

    [Fact]
    public async Task Concurrent_sweeps_delete_each_session_once()
    {
        await RepeatAsync(5, async _ =>
        {
            for (var i = 0; i < 40; i++)
            {
                await CreateAsync(i % 4 == 0 ? NewSubject() : null);
            }

            await Harness.AdvanceAsync(IdleTimeout);
            var swept = new int[3];

            await RaceAsync([.. Enumerable.Range(0, swept.Length).Select(i => (Func<Task>)(async () =>
            {
                for (var batch = 7; batch == 7; swept[i] += batch)
                {
                    batch = await Expired.DeleteExpiredAsync(7);
                }
            }))]);

            Assert.Equal(40, swept.Sum());
        });
    }

    [Fact]
    public async Task A_session_in_use_is_never_swept()
    {
        var session = await CreateAsync(expiry: SessionExpiry.Idle(TimeSpan.FromHours(1)));
        await RepeatAsync(Math.Min(Harness.RaceRounds, 100), async _ =>
        {
            await Harness.AdvanceAsync(TimeSpan.FromMinutes(59));

            await RaceAsync(
                async () => await SaveAsync(session.Handle, SessionChanges.Touch),
                async () => Assert.Equal(0, await Expired.DeleteExpiredAsync(10)));
        });

        await LoadLiveAsync(session.Handle);
    }
}
