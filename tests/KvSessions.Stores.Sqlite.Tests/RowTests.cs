using Dapper;

namespace KvSessions.Stores.Sqlite.Tests;

public sealed class RowTests : IAsyncDisposable
{
    private readonly StoreFile _file = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    [Theory]
    [InlineData("FE00000000")]
    [InlineData("")]
    [InlineData("0105")]
    public async Task Values_that_cannot_be_read_are_reported_and_never_written_over(string hex)
    {
        var store = await _file.NewMigratedStoreAsync();
        var record = _file.NewRecord("anna");
        await store.CreateAsync(record);
        var data = Convert.FromHexString(hex);
        await SetDataAsync(record, data);
        SessionChanges[] changes =
        [
            new() { Sets = StoreFile.Set(("theme", "dark")) },
            new() { Removes = new HashSet<string> { "cart" } },
            new() { Clears = true },
        ];

        await AssertCorruptAsync(record, async () => await store.LoadAsync(record.Handle));
        await AssertCorruptAsync(record, async () => await store.FindBySubjectAsync("anna", 10));
        foreach (var change in changes)
        {
            await AssertCorruptAsync(record, async () => await store.SaveAsync(record.Handle, change));
        }

        Assert.Equal(data, await DataAsync(record));
    }

    [Fact]
    public async Task A_session_whose_values_cannot_be_read_can_be_touched_and_ended_in_every_way()
    {
        var store = await _file.NewMigratedStoreAsync();
        var records = new List<SessionRecord>();
        for (var i = 0; i < 4; i++)
        {
            records.Add(_file.NewRecord("anna"));
            await store.CreateAsync(records[i]);
            await SetDataAsync(records[i], [0xFE, 1, 2]);
            _file.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(SaveStatus.Saved, (await store.SaveAsync(records[0].Handle, SessionChanges.Touch)).Status);
        Assert.Equal([0xFE, 1, 2], await DataAsync(records[0]));
        Assert.True(await store.DeleteAsync(records[0].Handle));
        var admitted = await store.AdmitAsync(null, _file.NewRecord("anna"), new SubjectLimit(3, SubjectLimitRule.EvictOldest));
        Assert.Equal([records[1].Handle], admitted.Evicted);
        Assert.Equal(3, (await store.DeleteBySubjectAsync("anna")).Count);
    }

    [Fact]
    public async Task A_column_out_of_range_is_corrupt()
    {
        var store = await _file.NewMigratedStoreAsync();
        foreach (var column in (string[])["created_at", "last_seen_at", "idle_timeout", "absolute_expires_at"])
        {
            var record = _file.NewRecord();
            await store.CreateAsync(record);
            await using var connection = _file.Open();
            await connection.ExecuteAsync(
                $"UPDATE kv_sessions SET {column} = {long.MinValue} WHERE handle = @Handle", new { Handle = record.Handle.ToByteArray() });

            await AssertCorruptAsync(record, async () => await store.LoadAsync(record.Handle));
            await AssertCorruptAsync(record, async () => await store.SaveAsync(record.Handle, SessionChanges.Touch));
        }
    }

    [Fact]
    public async Task Values_that_are_missing_are_corrupt()
    {
        var store = await _file.NewMigratedStoreAsync();
        var record = _file.NewRecord();
        await store.CreateAsync(record);
        await using (var connection = _file.Open())
        {
            await connection.ExecuteAsync("DELETE FROM kv_session_values");
        }

        await AssertCorruptAsync(record, async () => await store.LoadAsync(record.Handle));
    }

    [Fact]
    public async Task The_values_go_with_the_session_however_it_ends()
    {
        var store = await _file.NewMigratedStoreAsync();
        var (deleted, old, swept, revoked) = (_file.NewRecord(), _file.NewRecord(), _file.NewRecord(), _file.NewRecord("anna"));
        foreach (var record in (SessionRecord[])[deleted, old, swept, revoked])
        {
            await store.CreateAsync(record);
        }

        await store.DeleteAsync(deleted.Handle);
        var renewed = _file.NewRecord() with { Version = 2 };
        await store.RenewAsync(old.Handle, renewed);
        await store.DeleteAsync(renewed.Handle);
        await store.DeleteBySubjectAsync("anna");
        _file.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await store.DeleteExpiredAsync(10));

        await using var connection = _file.Open();
        Assert.Equal(0, await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM kv_sessions"));
        Assert.Equal(0, await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM kv_session_values"));
    }

    [Fact]
    public async Task A_touch_never_goes_past_the_absolute_expiry()
    {
        var store = await _file.NewMigratedStoreAsync();
        var end = _file.Clock.GetUtcNow() + TimeSpan.FromMinutes(30);
        var record = _file.NewRecord(expiry: new SessionExpiry { IdleTimeout = TimeSpan.FromMinutes(20), AbsoluteExpiresAt = end });
        await store.CreateAsync(record);

        _file.Clock.Advance(TimeSpan.FromMinutes(15));
        await store.SaveAsync(record.Handle, SessionChanges.Touch);

        await using var connection = _file.Open();
        Assert.Equal(end.UtcTicks, await connection.ExecuteScalarAsync<long>("SELECT expires_at FROM kv_sessions"));
        _file.Clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Null(await store.LoadAsync(record.Handle));
    }

    [Theory]
    [InlineData("SELECT handle FROM kv_sessions WHERE expires_at <= 5 ORDER BY expires_at LIMIT 5", "kv_sessions_by_expiry")]
    [InlineData("SELECT s.handle FROM kv_sessions s WHERE s.subject = 'a' AND s.handle > x'00' AND s.expires_at > 5 ORDER BY s.handle LIMIT 5", "kv_sessions_by_subject")]
    [InlineData("DELETE FROM kv_sessions WHERE subject = 'a' AND handle IS NOT NULL", "kv_sessions_by_subject")]
    public async Task No_query_by_expiry_or_subject_reads_the_whole_table(string sql, string index)
    {
        await _file.NewMigratedStoreAsync();
        await using var connection = _file.Open();

        var plan = (await connection.QueryAsync<(int Id, int Parent, int Unused, string Detail)>("EXPLAIN QUERY PLAN " + sql)).ToList();

        Assert.Contains(plan, step => step.Detail.Contains(index, StringComparison.Ordinal));
        Assert.DoesNotContain(plan, static step => step.Detail.StartsWith("SCAN", StringComparison.Ordinal) || step.Detail.Contains("TEMP B-TREE"));
    }

    private static async Task AssertCorruptAsync(SessionRecord record, Func<Task> call)
    {
        var exception = await Assert.ThrowsAsync<SessionStoreException>(call);
        Assert.Equal(SessionStoreError.Corrupt, exception.Error);
        Assert.Contains(record.Handle.ToString(), exception.Message);
    }

    private async Task SetDataAsync(SessionRecord record, byte[] data)
    {
        await using var connection = _file.Open();
        await connection.ExecuteAsync(
            "UPDATE kv_session_values SET data = @data WHERE id = (SELECT values_id FROM kv_sessions WHERE handle = @handle)",
            new { data, handle = record.Handle.ToByteArray() });
    }

    private async Task<byte[]> DataAsync(SessionRecord record)
    {
        await using var connection = _file.Open();
        return await connection.QuerySingleAsync<byte[]>(
            "SELECT data FROM kv_session_values WHERE id = (SELECT values_id FROM kv_sessions WHERE handle = @handle)",
            new { handle = record.Handle.ToByteArray() });
    }
}
