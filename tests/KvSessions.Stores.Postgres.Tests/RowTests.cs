using System.Text;

namespace KvSessions.Stores.Postgres.Tests;

/// <summary>What stands in the table.</summary>
public sealed class RowTests
{
    [Fact]
    public async Task Text_stands_there_as_text_and_other_bytes_as_base64()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = await schema.NewMigratedStoreAsync();
        var values = SessionValues.From(
        [
            new("json", Encoding.UTF8.GetBytes("""{"name":"Åsa \"A\" \\ \n","n":[1.0]}""")),
            new("empty", Array.Empty<byte>()),
            new("marks", "=#"u8.ToArray()),
            new("bytes", new byte[] { 0, 1, 255 }),
            new("nul", "a\0b"u8.ToArray()),
        ]);
        var record = schema.NewRecord() with { Values = values };
        await store.CreateAsync(record);

        Assert.Equal(
            """{"nul": "#YQBi", "json": "={\"name\":\"Åsa \\\"A\\\" \\\\ \\n\",\"n\":[1.0]}", "bytes": "#AAH/", "empty": "=", "marks": "==#"}""",
            await schema.ScalarAsync<string>($"SELECT data::text FROM {schema.Table}"));
        Assert.Equal("Åsa \"A\" \\ \n", await schema.ScalarAsync<string>($"SELECT substr(data->>'json', 2)::jsonb->>'name' FROM {schema.Table}"));
        Assert.Equal(values, (await store.LoadAsync(record.Handle))!.Values);
    }

    [Fact]
    public async Task Whoever_sets_the_same_keys_again_and_again_is_measured_now_and_then_and_never_over_a_limit()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = await schema.NewMigratedStoreAsync();
        var record = schema.NewRecord() with { Values = SessionValues.Empty };
        await store.CreateAsync(record);
        var limits = new SessionLimits { MaxKeys = 3, MaxTotalBytes = 12 };
        var bounds = new List<string?>();

        for (var i = 0; i < 7; i++)
        {
            var changes = new SessionChanges { Sets = PostgresSchema.Set(("a", "1"), ("b", "12")), Limits = limits };
            Assert.Equal(SaveStatus.Saved, (await store.SaveAsync(record.Handle, changes)).Status);
            bounds.Add(await BoundAsync(schema));
        }

        Assert.All(bounds, static bound => Assert.Equal("2 keys, 5 bytes", bound));
        await store.SaveAsync(record.Handle, new() { Sets = PostgresSchema.Set(("a", "1")), Limits = limits });
        Assert.Equal("3 keys, 7 bytes", await BoundAsync(schema));
        await store.SaveAsync(record.Handle, new() { Clears = true, Sets = PostgresSchema.Set(("c", "1")), Limits = limits });
        Assert.Equal("1 keys, 2 bytes", await BoundAsync(schema));
    }

    [Theory]
    [InlineData("format = 2", true)]
    [InlineData("format = 0", true)]
    [InlineData("data = '[1]'", true)]
    [InlineData("data = '7'", true)]
    [InlineData("data = '{\"a\": 7}'", false)]
    [InlineData("data = '{\"a\": \"unmarked\"}'", false)]
    [InlineData("data = '{\"a\": \"\"}'", false)]
    [InlineData("data = '{\"a\": \"#no base64!\"}'", false)]
    [InlineData("created_at = '-infinity'", false)]
    [InlineData("absolute_expires_at = 'infinity'", false)]
    [InlineData("idle_timeout = '1 day'", false)]
    public async Task What_this_version_does_not_write_is_corrupt_and_left_as_it_is(string damage, bool isWhole)
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = await schema.NewMigratedStoreAsync();
        var record = schema.NewRecord("ada");
        await store.CreateAsync(record);
        await schema.ExecuteAsync($"UPDATE {schema.Table} SET {damage}");
        var before = await RowAsync(schema);
        SessionChanges[] changes =
        [
            new() { Sets = PostgresSchema.Set(("theme", "dark")) },
            new() { Removes = new HashSet<string> { "cart" } },
            new() { Clears = true },
            new() { Clears = true, Expiry = SessionExpiry.In(TimeSpan.FromHours(1)) },
        ];

        await AssertCorruptAsync(record, async () => await store.LoadAsync(record.Handle));
        await AssertCorruptAsync(record, async () => await store.FindBySubjectAsync("ada", 10));
        if (isWhole)
        {
            foreach (var change in changes)
            {
                await AssertCorruptAsync(record, async () => await store.SaveAsync(record.Handle, change));
            }
        }

        Assert.Equal(before, await RowAsync(schema));
        Assert.True(await store.DeleteAsync(record.Handle));
    }

    [Fact]
    public async Task A_session_whose_values_cannot_be_read_can_be_touched_and_ended_in_every_way()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        await schema.StopClockAsync();
        var store = await schema.NewMigratedStoreAsync();
        var records = new List<SessionRecord>();
        for (var i = 0; i < 4; i++)
        {
            records.Add(schema.NewRecord("ada"));
            await store.CreateAsync(records[i]);
            await schema.AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        await schema.ExecuteAsync($"UPDATE {schema.Table} SET format = 7");

        Assert.Equal(SaveStatus.Saved, (await store.SaveAsync(records[0].Handle, SessionChanges.Touch)).Status);
        Assert.True(await store.DeleteAsync(records[0].Handle));
        var admitted = await store.AdmitAsync(null, schema.NewRecord("ada"), new SubjectLimit(3, SubjectLimitRule.EvictOldest));
        Assert.Equal([records[1].Handle], admitted.Evicted);
        Assert.Equal(3, (await store.DeleteBySubjectAsync("ada")).Count);
    }

    [Fact]
    public async Task The_moment_to_sweep_is_moved_by_the_sweeper_and_by_an_earlier_end_and_by_nothing_else()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        await schema.StopClockAsync();
        var store = await schema.NewMigratedStoreAsync();
        var record = schema.NewRecord();
        await store.CreateAsync(record);
        var first = await SweepAfterAsync(schema);
        Assert.Equal(schema.Now + TimeSpan.FromMinutes(20), first);

        await schema.AdvanceAsync(TimeSpan.FromMinutes(15));
        await store.SaveAsync(record.Handle, SessionChanges.Touch);
        await store.SaveAsync(record.Handle, new() { Sets = PostgresSchema.Set(("a", "1")) });
        await store.SaveAsync(record.Handle, new() { Expiry = SessionExpiry.Idle(TimeSpan.FromHours(1)) });
        Assert.Equal(first, await SweepAfterAsync(schema));

        await schema.AdvanceAsync(TimeSpan.FromMinutes(15));
        Assert.Equal(0, await store.DeleteExpiredAsync(10));
        Assert.Equal(schema.Now + TimeSpan.FromMinutes(45), await SweepAfterAsync(schema));

        await store.SaveAsync(record.Handle, new() { Expiry = SessionExpiry.Idle(TimeSpan.FromMinutes(1)) });
        Assert.Equal(schema.Now + TimeSpan.FromMinutes(1), await SweepAfterAsync(schema));
        await store.SaveAsync(record.Handle, new() { Clears = true, Expiry = SessionExpiry.In(TimeSpan.FromSeconds(30)) });
        Assert.Equal(schema.Now + TimeSpan.FromSeconds(30), await SweepAfterAsync(schema));
        Assert.Equal(0, await CountTooLateAsync(schema));

        await schema.AdvanceAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, await store.DeleteExpiredAsync(10));
    }

    [Fact]
    public async Task A_sweep_goes_through_any_number_of_live_sessions_to_the_expired_ones_behind()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        await schema.StopClockAsync();
        var store = await schema.NewMigratedStoreAsync();
        var record = schema.NewRecord();
        await store.CreateAsync(record);

        // Copies of a session that has been touched since, and behind them some that have not.
        await schema.ExecuteAsync(
            $"""
            INSERT INTO {schema.Table} (version, created_at, last_seen_at, sweep_after, idle_timeout, most_keys, most_bytes, is_persistent, handle, data)
            SELECT 1, created_at, last_seen_at + interval '15 minutes', sweep_after - interval '1 minute', idle_timeout, most_keys, most_bytes, false,
                   sha256(i::text::bytea), data
            FROM {schema.Table}, generate_series(1, 1700) i;
            INSERT INTO {schema.Table} (version, created_at, last_seen_at, sweep_after, idle_timeout, most_keys, most_bytes, is_persistent, handle, data)
            SELECT 1, created_at, last_seen_at, sweep_after, idle_timeout, most_keys, most_bytes, false, sha256(('x' || i)::bytea), data
            FROM {schema.Table}, generate_series(1, 24) i WHERE handle = @Handle;
            """,
            new { Handle = record.Handle.ToByteArray() });
        await schema.AdvanceAsync(TimeSpan.FromMinutes(25));

        Assert.Equal(20, await store.DeleteExpiredAsync(20));
        Assert.Equal(5, await store.DeleteExpiredAsync(20));

        Assert.Equal(1700, await schema.ScalarAsync<int>($"SELECT count(*) FROM {schema.Table}"));
        Assert.Equal(0, await CountTooLateAsync(schema));
        await schema.AdvanceAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(1700, await store.DeleteExpiredAsync(2000));
    }

    [Fact]
    public async Task A_session_that_nothing_ends_is_kept()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        await schema.StopClockAsync();
        var store = await schema.NewMigratedStoreAsync();
        var record = schema.NewRecord(expiry: new SessionExpiry());
        await store.CreateAsync(record);

        await schema.AdvanceAsync(TimeSpan.FromDays(30_000));

        Assert.Equal(0, await store.DeleteExpiredAsync(10));
        Assert.Equal(SaveStatus.Saved, (await store.SaveAsync(record.Handle, SessionChanges.Touch)).Status);
        Assert.Equal(new SessionExpiry(), (await store.LoadAsync(record.Handle))!.Expiry);
    }

    [Fact]
    public async Task A_day_is_24_hours_long_whatever_the_time_zone()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        await schema.StopClockAsync();

        // In which the clocks are put forward in the night to 2031-03-30; the test begins in May, so go on to the next year's.
        var store = await schema.NewMigratedStoreAsync(options => options.ConnectionString = schema.ConnectionStringFor(static builder => builder.Timezone = "Europe/Berlin"));
        await schema.AdvanceAsync(new DateTimeOffset(2032, 3, 27, 12, 0, 0, TimeSpan.Zero) - schema.Now);
        var record = schema.NewRecord(expiry: SessionExpiry.Idle(TimeSpan.FromDays(1)));
        await store.CreateAsync(record);

        await schema.AdvanceAsync(TimeSpan.FromDays(1) - TimeSpan.FromMicroseconds(1));
        Assert.NotNull(await store.LoadAsync(record.Handle));
        await schema.AdvanceAsync(TimeSpan.FromMicroseconds(1));
        Assert.Null(await store.LoadAsync(record.Handle));
    }

    [Fact]
    public async Task The_server_counts_bytes_as_the_limits_do()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = await schema.NewMigratedStoreAsync();
        for (var length = 1; length < 40; length++)
        {
            var bytes = Enumerable.Range(0, length).Select(static i => (byte)(255 - i)).ToArray();
            var values = SessionValues.From([new("é", bytes), new("text", Encoding.UTF8.GetBytes(new string('ß', length)))]);
            var record = schema.NewRecord(values: []) with { Values = SessionValues.Empty };
            await store.CreateAsync(record);
            var exact = new SessionLimits { MaxKeys = 2, MaxTotalBytes = (int)values.TotalBytes };

            var over = new SessionLimits { MaxKeys = 2, MaxTotalBytes = exact.MaxTotalBytes - 1 };
            var exception = await Assert.ThrowsAsync<SessionLimitException>(async () => await store.SaveAsync(record.Handle, new() { Sets = values, Limits = over }));
            Assert.Contains($"would be {values.TotalBytes}", exception.Message);
            Assert.Equal(SaveStatus.Saved, (await store.SaveAsync(record.Handle, new() { Sets = values, Limits = exact })).Status);
        }
    }

    private static Task<string?> BoundAsync(PostgresSchema schema) =>
        schema.ScalarAsync<string>($"SELECT most_keys || ' keys, ' || most_bytes || ' bytes' FROM {schema.Table}");

    private static async Task AssertCorruptAsync(SessionRecord record, Func<Task> call)
    {
        var exception = await Assert.ThrowsAsync<SessionStoreException>(call);
        Assert.Equal(SessionStoreError.Corrupt, exception.Error);
        Assert.Contains(record.Handle.ToString(), exception.Message);
        Assert.DoesNotContain("apples", exception.ToString());
    }

    private static Task<int> CountTooLateAsync(PostgresSchema schema) =>
        schema.ScalarAsync<int>(
            $"SELECT count(*) FROM {schema.Table} WHERE sweep_after > coalesce(least(last_seen_at + idle_timeout, absolute_expires_at), 'infinity')");

    private static Task<string?> RowAsync(PostgresSchema schema) => schema.ScalarAsync<string>($"SELECT s::text FROM {schema.Table} s");

    private static async Task<DateTimeOffset> SweepAfterAsync(PostgresSchema schema) =>
        new(await schema.ScalarAsync<DateTime>($"SELECT sweep_after FROM {schema.Table}"));
}
