using Dapper;

namespace KvSessions.Stores.Sqlite.Tests;

public sealed class FileTests : IAsyncDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly StoreFile _file = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    [Fact]
    public async Task A_new_file_and_what_belongs_to_it_is_for_its_owner_only()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var store = await _file.NewMigratedStoreAsync();
        await store.CreateAsync(_file.NewRecord());

        var names = Directory.GetFiles(_file.Directory).Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.Equal(["sessions.db", "sessions.db-shm", "sessions.db-wal"], names);
        foreach (var path in Directory.GetFiles(_file.Directory))
        {
            Assert.Equal(OwnerOnly, File.GetUnixFileMode(path));
        }
    }

    [Fact]
    public async Task A_file_that_is_there_keeps_its_mode()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        await File.WriteAllBytesAsync(_file.Path, []);
        const UnixFileMode Shared = OwnerOnly | UnixFileMode.GroupRead;
        File.SetUnixFileMode(_file.Path, Shared);

        await SqliteStore.MigrateUpAsync(_file.Path);

        Assert.Equal(Shared, File.GetUnixFileMode(_file.Path));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_left_as_it_is()
    {
        var text = Enumerable.Repeat("not a database\n", 1000).SelectMany(static line => line.Select(static c => (byte)c)).ToArray();
        await File.WriteAllBytesAsync(_file.Path, text);
        var store = _file.NewStore();
        Func<Task>[] calls =
        [
            () => store.MigrateUpAsync(),
            () => store.MigrateDownAsync(),
            () => store.GetMigrationStatusAsync(),
            async () => await store.LoadAsync(SessionId.New().Handle),
            async () => await store.CreateAsync(_file.NewRecord()),
        ];

        foreach (var call in calls)
        {
            var exception = await Assert.ThrowsAsync<SessionStoreException>(call);
            Assert.Equal(SessionStoreError.Corrupt, exception.Error);
            Assert.Contains(_file.Path, exception.Message);
        }

        Assert.Equal(text, await File.ReadAllBytesAsync(_file.Path));
    }

    [Fact]
    public async Task A_damaged_file_is_reported_and_not_repaired()
    {
        var store = await _file.NewMigratedStoreAsync();
        var records = Enumerable.Range(0, 200).Select(_ => _file.NewRecord(value: new string('x', 500))).ToList();
        await Task.WhenAll(records.Select(async record => await store.CreateAsync(record)));
        await store.DisposeAsync();
        var bytes = await File.ReadAllBytesAsync(_file.Path);

        // All but the first page, which holds the schema.
        bytes.AsSpan(4096).Fill(0xAB);
        await File.WriteAllBytesAsync(_file.Path, bytes);
        var damaged = _file.NewStore();

        var read = await Assert.ThrowsAsync<SessionStoreException>(async () => await damaged.LoadAsync(records[0].Handle));
        var write = await Assert.ThrowsAsync<SessionStoreException>(async () => await damaged.DeleteAsync(records[0].Handle));

        Assert.All([read, write], exception =>
        {
            Assert.Equal(SessionStoreError.Corrupt, exception.Error);
            Assert.Contains(_file.Path, exception.Message);
        });
        await damaged.DisposeAsync();
        Assert.Equal(bytes, await File.ReadAllBytesAsync(_file.Path));
    }

    // Root may write wherever permissions forbid it, so these are places where nobody can.
    [Theory]
    [InlineData("missing/sessions.db")]
    [InlineData("file/sessions.db")]
    public async Task A_place_where_no_file_can_be_is_unavailable_and_named(string place)
    {
        await File.WriteAllTextAsync(Path.Combine(_file.Directory, "file"), "in the way");
        var path = Path.Combine(_file.Directory, place);

        var exception = await Assert.ThrowsAsync<SessionStoreException>(() => SqliteStore.MigrateUpAsync(path));

        Assert.Equal(SessionStoreError.Unavailable, exception.Error);
        Assert.Contains(path, exception.Message);
        Assert.Contains("directory must exist", exception.Message);
    }

    [Fact]
    public async Task A_directory_in_the_place_of_the_file_is_unavailable()
    {
        Directory.CreateDirectory(_file.Path);

        var exception = await Assert.ThrowsAsync<SessionStoreException>(() => SqliteStore.MigrateUpAsync(_file.Path));

        Assert.Equal(SessionStoreError.Unavailable, exception.Error);
    }

    [Fact]
    public async Task A_relative_path_is_resolved_once()
    {
        var relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), _file.Path);
        var store = _file.NewStore(options => options.DataSource = relative);
        var elsewhere = Directory.GetCurrentDirectory();
        try
        {
            Directory.SetCurrentDirectory(Path.GetTempPath());
            await store.MigrateUpAsync();
            await store.CreateAsync(_file.NewRecord());
        }
        finally
        {
            Directory.SetCurrentDirectory(elsewhere);
        }

        await using var connection = _file.Open();
        Assert.Equal(1, await connection.ExecuteScalarAsync<int>("SELECT count(*) FROM kv_sessions"));
    }

    [Fact]
    public async Task A_store_that_was_disposed_leaves_one_file()
    {
        var store = await _file.NewMigratedStoreAsync();
        var record = _file.NewRecord();
        await store.CreateAsync(record);
        await store.LoadAsync(record.Handle);

        await store.DisposeAsync();

        Assert.Equal([_file.Path], Directory.GetFiles(_file.Directory));
    }
}
