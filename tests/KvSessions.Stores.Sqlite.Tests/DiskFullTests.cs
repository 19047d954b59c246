using Dapper;
using KvSessions.Tests.Crash;
using Microsoft.Data.Sqlite;

namespace KvSessions.Stores.Sqlite.Tests;

public sealed class DiskFullTests : IAsyncDisposable
{
    // Less than the log may grow to before it is written back into the file and begins anew, so that a full disk stops every write.
    private const int Megabytes = 3;

    private readonly SmallDisk _disk = SmallDisk.Mount(Megabytes);
    private readonly SqliteStore _store;

    public DiskFullTests() => _store = NewStore();

    private string DataSource => Path.Combine(_disk.Directory, "sessions.db");

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _disk.Dispose();
    }

    [Fact]
    public async Task On_a_full_disk_reads_go_on_and_writes_fail_saying_so_until_there_is_room()
    {
        await _store.MigrateUpAsync();
        var (kept, other) = (NewRecord("anna"), NewRecord("anna"));
        Assert.True(await _store.CreateAsync(kept));
        Assert.True(await _store.CreateAsync(other));
        _disk.Fill();
        await UseUpTheLogAsync(kept.Handle);
        var before = await _store.LoadAsync(kept.Handle);
        Assert.NotNull(before);
        Func<Task>[] writes =
        [
            async () => await _store.CreateAsync(NewRecord()),
            async () => await _store.SaveAsync(kept.Handle, Setting("theme", 2_000)),
            async () => await _store.SaveAsync(kept.Handle, SessionChanges.Touch),
            async () => await _store.DeleteAsync(kept.Handle),
            async () => await _store.RenewAsync(kept.Handle, NewRecord("anna") with { Version = before.Version + 1 }),
            async () => await _store.AdmitAsync(null, NewRecord("anna"), new SubjectLimit(1, SubjectLimitRule.EvictOldest)),
            async () => await _store.DeleteBySubjectAsync("anna"),
        ];

        foreach (var write in writes)
        {
            AssertSaysFull(await Assert.ThrowsAsync<SessionStoreException>(write));
        }

        // Nothing of it has happened, and reading goes on, also on connections that are opened only now.
        await using var another = NewStore();
        foreach (var store in new[] { _store, another })
        {
            Assert.Equal(before.Version, (await store.LoadAsync(kept.Handle))!.Version);
            Assert.NotNull(await store.LoadAsync(other.Handle));
            Assert.Equal(2, (await store.FindBySubjectAsync("anna", 10)).Records.Count);
        }

        _disk.MakeRoom();
        Assert.Equal(SaveStatus.Saved, (await _store.SaveAsync(kept.Handle, Setting("theme", 2_000))).Status);
        Assert.True(await _store.DeleteAsync(kept.Handle));
        Assert.Null(await _store.LoadAsync(kept.Handle));
        await AssertSoundAsync();
    }

    [Fact]
    public async Task A_store_that_is_opened_on_a_full_disk_says_so_and_recovers()
    {
        await _store.MigrateUpAsync();
        var record = NewRecord();
        Assert.True(await _store.CreateAsync(record));
        await _store.DisposeAsync();
        _disk.Fill();
        await using var opened = NewStore();

        AssertSaysFull(await Assert.ThrowsAsync<SessionStoreException>(async () => await opened.DeleteAsync(record.Handle)));
        AssertSaysFull(await Assert.ThrowsAsync<SessionStoreException>(async () => await opened.LoadAsync(record.Handle)));

        _disk.MakeRoom();
        Assert.NotNull(await opened.LoadAsync(record.Handle));
        Assert.True(await opened.DeleteAsync(record.Handle));
    }

    [Fact]
    public async Task What_was_acknowledged_while_the_disk_was_full_now_and_then_is_there_and_nothing_else()
    {
        const int Clients = 4;
        const int Times = 5;
        var seed = Random.Shared.Next();
        await _store.MigrateUpAsync();
        using var text = new MemoryStream();
        var report = new WriteReport(text);
        var writers = Enumerable.Range(0, Clients)
            .Select(client => new RandomWriter(_store, report, $"{client}", seed + client, shared: null))
            .ToList();
        for (var time = 0; time < Times; time++)
        {
            await WriteAsync();
            _disk.Fill();
            await WriteAsync();
            _disk.MakeRoom();
        }

        await WriteAsync();
        var writes = new AcknowledgedWrites();
        writes.Add(System.Text.Encoding.UTF8.GetString(text.ToArray()));
        var faults = await writes.CheckAsync(_store);

        Assert.True(faults.Count == 0, $"With the seed {seed}:\n{string.Join('\n', faults)}");
        Assert.True(writes is { Refused: > 0, Acknowledged: > 0, Unanswered: 0 }, $"With the seed {seed}: {writes.Refused} refused, {writes.Unanswered} unknown.");
        await AssertSoundAsync();

        Task WriteAsync() => Task.WhenAll(writers.Select(static async writer =>
        {
            for (var call = 0; call < 20; call++)
            {
                await writer.WriteAsync();
            }
        }));
    }

    private void AssertSaysFull(SessionStoreException exception)
    {
        Assert.Equal(SessionStoreError.Unavailable, exception.Error);
        Assert.Contains(DataSource, exception.Message, StringComparison.Ordinal);
        Assert.Contains("full", exception.Message, StringComparison.Ordinal);
    }

    // Until the log has to grow, there is room for some more writes.
    private async Task UseUpTheLogAsync(SessionHandle handle)
    {
        var fault = await Assert.ThrowsAsync<SessionStoreException>(async () =>
        {
            for (var write = 0; write < 1_000; write++)
            {
                await _store.SaveAsync(handle, Setting("theme", 100));
            }
        });
        AssertSaysFull(fault);
    }

    private async Task AssertSoundAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={DataSource};Pooling=False");
        Assert.Equal("ok", await connection.ExecuteScalarAsync<string>("PRAGMA integrity_check"));
        Assert.Equal(
            await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM kv_sessions"),
            await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM kv_session_values"));
    }

    private SqliteStore NewStore() => new(new SqliteStoreOptions { DataSource = DataSource });

    private static SessionChanges Setting(string key, int size) => new() { Sets = StoreFile.Set((key, new string('x', size))) };

    private static SessionRecord NewRecord(string? subject = null)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new()
        {
            Handle = SessionId.New().Handle,
            Version = 1,
            CreatedAt = now,
            LastSeenAt = now,
            Expiry = SessionExpiry.Idle(TimeSpan.FromHours(1)),
            Subject = subject,
        };
    }
}
