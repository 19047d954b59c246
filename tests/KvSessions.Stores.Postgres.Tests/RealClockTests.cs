namespace KvSessions.Stores.Postgres.Tests;

/// <summary>A few promises by the server's own clock, so that the clock of the other tests cannot hide a fault.</summary>
public sealed class RealClockTests
{
    private const string ServerNow = "SELECT clock_timestamp()";

    [Fact]
    public async Task Times_are_those_of_the_server_at_the_statement()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = await schema.NewMigratedStoreAsync();

        // A node whose clock is years ahead, as that of the other tests is.
        var record = schema.NewRecord(expiry: SessionExpiry.Idle(TimeSpan.FromMinutes(20), TimeSpan.FromHours(1)));
        var before = await NowAsync(schema);
        await store.CreateAsync(record);
        var created = await store.LoadAsync(record.Handle);
        var between = await NowAsync(schema);
        var saved = await store.SaveAsync(record.Handle, new() { Sets = PostgresSchema.Set(("a", "1")) });
        var touched = await store.SaveAsync(record.Handle, SessionChanges.Touch);
        var after = await NowAsync(schema);

        Assert.NotNull(created);
        Assert.InRange(created.CreatedAt, before, between);
        Assert.Equal(created.CreatedAt, created.LastSeenAt);
        Assert.Equal(created.LastSeenAt + TimeSpan.FromHours(1), created.AbsoluteExpiresAt);
        Assert.InRange(saved.LastSeenAt, between, touched.LastSeenAt);
        Assert.InRange(touched.LastSeenAt, saved.LastSeenAt, after);
    }

    [Fact]
    public async Task A_session_ends_by_itself()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = await schema.NewMigratedStoreAsync();
        var lives = schema.NewRecord(expiry: SessionExpiry.Idle(TimeSpan.FromHours(1)));
        var ends = schema.NewRecord(expiry: SessionExpiry.Idle(TimeSpan.FromMicroseconds(1)));
        await store.CreateAsync(lives);
        await store.CreateAsync(ends);

        Assert.Null(await store.LoadAsync(ends.Handle));
        Assert.Equal(SaveResult.Gone, await store.SaveAsync(ends.Handle, SessionChanges.Touch));
        Assert.Equal(1, await store.DeleteExpiredAsync(10));
        Assert.NotNull(await store.LoadAsync(lives.Handle));
    }

    [Fact]
    public async Task A_session_that_a_sign_in_waited_for_is_judged_by_the_time_after_the_wait()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var store = await schema.NewMigratedStoreAsync();
        await using var other = await schema.OpenAsync();
        var key = new TableNames(schema.Name, "kv_sessions").SubjectLock("ada");
        await using var transaction = await other.BeginTransactionAsync();
        await using (var command = new Npgsql.NpgsqlCommand($"SELECT pg_advisory_xact_lock({key})", other))
        {
            await command.ExecuteNonQueryAsync();
        }

        var admission = store.AdmitAsync(null, schema.NewRecord("ada"), new SubjectLimit(1, SubjectLimitRule.EvictOldest)).AsTask();
        await schema.WaitForLocksAsync(1);

        var released = await NowAsync(schema);
        await transaction.CommitAsync();

        Assert.InRange((await admission).Save.LastSeenAt, released, await NowAsync(schema));
    }

    private static async Task<DateTimeOffset> NowAsync(PostgresSchema schema) => new(await schema.ScalarAsync<DateTime>(ServerNow));
}
