using Dapper;

namespace KvSessions.Stores.Sqlite.Tests;

public sealed class MigrationTests : IAsyncDisposable
{
    private readonly StoreFile _file = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    [Fact]
    public async Task Down_to_nothing_leaves_no_trace_but_what_others_put_there_and_up_works_again()
    {
        await SqliteStore.MigrateUpAsync(_file.Path);
        await using (var connection = _file.Open())
        {
            await connection.ExecuteAsync("CREATE TABLE orders (id INTEGER); INSERT INTO orders VALUES (7)");
        }

        await SqliteStore.MigrateDownAsync(_file.Path);

        await using (var connection = _file.Open())
        {
            Assert.Equal(["orders"], await connection.QueryAsync<string>("SELECT name FROM sqlite_schema"));
        }

        await SqliteStore.MigrateUpAsync(_file.Path);
        Assert.Equal(new MigrationStatus(Migration.Latest, Migration.Latest), await SqliteStore.GetMigrationStatusAsync(_file.Path));
        await using (var connection = _file.Open())
        {
            Assert.Equal(7, await connection.ExecuteScalarAsync<int>("SELECT id FROM orders"));
        }
    }

    [Fact]
    public async Task Eight_stores_migrate_a_new_file_at_once()
    {
        for (var round = 0; round < 10; round++)
        {
            await using var file = new StoreFile();
            var stores = Enumerable.Range(0, 8).Select(_ => file.NewStore()).ToList();

            await Task.WhenAll(stores.Select(static store => store.MigrateUpAsync()));

            var record = file.NewRecord();
            Assert.True(await stores[0].CreateAsync(record));
            foreach (var store in stores)
            {
                Assert.NotNull(await store.LoadAsync(record.Handle));
            }

            await using var connection = file.Open();
            Assert.Equal(Migration.All.Select(static migration => migration.Number), await connection.QueryAsync<int>("SELECT version FROM kv_sessions_schema"));
        }
    }

    [Fact]
    public async Task The_status_of_a_missing_file_is_zero_and_makes_no_file()
    {
        var status = await SqliteStore.GetMigrationStatusAsync(_file.Path);
        await SqliteStore.MigrateDownAsync(_file.Path);

        Assert.Equal(new MigrationStatus(0, Migration.Latest), status);
        Assert.True(status.IsPending);
        Assert.Empty(Directory.GetFiles(_file.Directory));
    }

    [Fact]
    public async Task Down_goes_neither_below_zero_nor_up()
    {
        await SqliteStore.MigrateUpAsync(_file.Path);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => SqliteStore.MigrateDownAsync(_file.Path, -1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => SqliteStore.MigrateDownAsync(_file.Path, Migration.Latest + 1));
        await SqliteStore.MigrateDownAsync(_file.Path, Migration.Latest);

        Assert.Equal(Migration.Latest, (await SqliteStore.GetMigrationStatusAsync(_file.Path)).Current);
    }

    [Fact]
    public async Task A_newer_schema_is_refused_by_everything_and_left_as_it_is()
    {
        await SqliteStore.MigrateUpAsync(_file.Path);
        await using (var connection = _file.Open())
        {
            await connection.ExecuteAsync("INSERT INTO kv_sessions_schema VALUES (99)");
        }

        var before = await File.ReadAllBytesAsync(_file.Path);
        var store = _file.NewStore();
        Func<Task>[] calls =
        [
            () => store.MigrateUpAsync(),
            () => store.MigrateDownAsync(),
            async () => await store.LoadAsync(SessionId.New().Handle),
            async () => await store.CreateAsync(_file.NewRecord()),
        ];

        foreach (var call in calls)
        {
            var exception = await Assert.ThrowsAsync<SessionStoreException>(call);
            Assert.Equal(SessionStoreError.Corrupt, exception.Error);
            Assert.Contains(_file.Path, exception.Message);
            Assert.Contains("99", exception.Message);
            Assert.Contains($"up to {Migration.Latest}", exception.Message);
        }

        Assert.True((await store.GetMigrationStatusAsync()).IsNewer);
        await store.DisposeAsync();
        Assert.Equal(before, await File.ReadAllBytesAsync(_file.Path));
    }

    [Fact]
    public async Task A_newer_schema_in_another_journal_mode_is_not_even_switched_to_the_log()
    {
        await using (var connection = _file.Open())
        {
            await connection.ExecuteAsync("CREATE TABLE kv_sessions_schema (version INTEGER); INSERT INTO kv_sessions_schema VALUES (99)");
        }

        var before = await File.ReadAllBytesAsync(_file.Path);

        await Assert.ThrowsAsync<SessionStoreException>(() => SqliteStore.MigrateUpAsync(_file.Path));

        Assert.Equal(before, await File.ReadAllBytesAsync(_file.Path));
    }

    [Fact]
    public async Task An_unmigrated_store_says_what_to_call()
    {
        var store = _file.NewStore();
        var missing = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.LoadAsync(SessionId.New().Handle));
        var unwritable = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.DeleteAsync(SessionId.New().Handle));
        Assert.False(File.Exists(_file.Path));
        await File.WriteAllBytesAsync(_file.Path, []);
        var empty = await Assert.ThrowsAsync<SessionStoreException>(async () => await store.LoadAsync(SessionId.New().Handle));

        Assert.All([missing, unwritable, empty], exception =>
        {
            Assert.Equal(SessionStoreError.Unavailable, exception.Error);
            Assert.Contains("MigrateUpAsync()", exception.Message);
            Assert.Contains(".MigrateOnStartup()", exception.Message);
            Assert.Contains(_file.Path, exception.Message);
        });

        // The same store goes on once that is done.
        await store.MigrateUpAsync();
        Assert.Null(await store.LoadAsync(SessionId.New().Handle));
    }

    [Fact]
    public void Each_migration_has_the_next_number()
    {
        Assert.Equal(Enumerable.Range(1, Migration.Latest), Migration.All.Select(static migration => migration.Number));
    }
}
