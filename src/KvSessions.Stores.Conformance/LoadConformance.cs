using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>Loading: what is there and nothing else, and a load changes nothing.</summary>
public abstract class LoadConformance : ConformanceTest
{
    [Fact]
    public async Task An_unknown_session_is_not_there()
    {
        await CreateAsync();

        await AssertNotThereAsync(NewHandle());
    }

    [Fact]
    public async Task Handles_that_differ_in_one_bit_are_different_sessions()
    {
        var there = await CreateAsync();
        for (var bit = 0; bit < SessionHandle.ByteLength * 8; bit++)
        {
            var bytes = there.Handle.ToByteArray();
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));

            await AssertNotThereAsync(new SessionHandle(bytes));
        }
    }

    [Fact]
    public async Task Sessions_do_not_mix()
    {
        var records = Enumerable.Range(0, 50).Select(i => NewRecord(values: Values(("number", $"{i}")))).ToList();
        await Task.WhenAll(records.Select(async record => Assert.True(await Store.CreateAsync(record), "A session with a new handle was not created.")));

        foreach (var record in records)
        {
            Assert.Equal(record.Values, (await LoadLiveAsync(record.Handle)).Values);
        }
    }

    [Fact]
    public async Task A_load_changes_nothing_and_does_not_keep_a_session_alive()
    {
        var created = await CreateAsync();
        await Harness.AdvanceAsync(IdleTimeout / 2);

        var loaded = await LoadLiveAsync(created.Handle);
        var again = await LoadLiveAsync(created.Handle);

        Assert.Equal(loaded, again);
        Assert.Equal(created.Version, loaded.Version);
        AssertAge(IdleTimeout / 2, loaded.LastSeenAt);
        await Harness.AdvanceAsync(IdleTimeout / 2);
        await AssertNotThereAsync(created.Handle);
    }

    [Fact]
    public async Task A_loaded_record_is_a_snapshot_that_later_saves_do_not_change()
    {
        var loaded = await CreateAsync(values: Values(("a", "1"), ("b", "2")));

        await SaveAsync(loaded.Handle, new SessionChanges { Clears = true, Sets = Values(("c", "3")) });

        Assert.Equal(1, loaded.Version);
        Assert.Equal(Values(("a", "1"), ("b", "2")), loaded.Values);
    }

    [Fact]
    public async Task A_reader_sees_a_save_whole_or_not_at_all()
    {
        var session = await CreateAsync(values: Values(("x", "0"), ("y", "0")));
        var torn = new List<string>();

        await RaceAsync(
            async () =>
            {
                for (var i = 1; i <= Harness.RaceRounds; i++)
                {
                    await SaveAsync(session.Handle, Set(("x", $"{i}"), ("y", $"{i}")));
                }
            },
            async () =>
            {
                for (var i = 1; i <= Harness.RaceRounds; i++)
                {
                    var seen = await LoadLiveAsync(session.Handle);
                    if (!seen.Values["x"].Span.SequenceEqual(seen.Values["y"].Span))
                    {
                        torn.Add($"version {seen.Version}");
                    }
                }
            });

        Assert.Empty(torn);
    }
}
