using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KvSessions.Stores.Sqlite.Tests;

public sealed class RegistrationTests : IAsyncDisposable
{
    private readonly StoreFile _file = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    [Theory]
    [InlineData("{0}")]
    [InlineData("Data Source={0}")]
    [InlineData("Data Source=\"{0}\"; Foreign Keys=True")]
    public async Task A_path_and_a_connection_string_both_name_the_file(string form)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_file.Clock);
        services.AddKvSessions().AddSqliteStore(form.Replace("{0}", _file.Path));
        await using var provider = services.BuildServiceProvider();
        var store = provider.GetRequiredService<SqliteStore>();

        await store.MigrateUpAsync();

        Assert.Same(store, provider.GetRequiredService<ISessionStore>());
        Assert.True(File.Exists(_file.Path));
        var record = _file.NewRecord();
        await store.CreateAsync(record);
        Assert.Equal(_file.Clock.GetUtcNow(), (await store.LoadAsync(record.Handle))!.LastSeenAt);
    }

    [Fact]
    public void A_second_store_is_refused()
    {
        var builder = new ServiceCollection().AddKvSessions().AddSqliteStore(_file.Path);

        Assert.Throws<InvalidOperationException>(() => builder.AddSqliteStore(_file.Path));
    }

    [Fact]
    public void Everything_that_is_wrong_is_in_one_message_when_the_host_starts()
    {
        var services = new ServiceCollection();
        services.AddKvSessions().AddSqliteStore("", options =>
        {
            options.BusyTimeout = TimeSpan.FromMinutes(2);
            options.MaxReaders = 0;
            options.Synchronous = (SqliteSynchronous)7;
        });
        using var provider = services.BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<IStartupValidator>().Validate);

        Assert.All(["DataSource", "BusyTimeout", "MaxReaders", "Synchronous"], option => Assert.Contains(option, exception.Message));
    }

    [Theory]
    [InlineData(":memory:", "MemoryStore")]
    [InlineData("Data Source=:memory:", "MemoryStore")]
    [InlineData("Data Source=sessions;Mode=Memory", "MemoryStore")]
    [InlineData("Password=hunter2", "MemoryStore")]
    [InlineData("Data Source=sessions.db;Mode=ReadOnly", "ReadOnly")]
    [InlineData("Data Source=sessions.db;Cache=Shared", "Shared")]
    [InlineData("file:sessions.db?mode=ro", "'='")]
    [InlineData("file:sessions.db", "URI")]
    [InlineData("|DataDirectory|sessions.db", "DataDirectory")]
    [InlineData("hunter2=sessions.db", "'='")]
    [InlineData(" ", "empty")]
    public async Task A_data_source_that_cannot_keep_sessions_is_refused_by_name_without_quoting_it(string dataSource, string words)
    {
        var exception = Assert.Throws<ArgumentException>(() => new SqliteStore(new SqliteStoreOptions { DataSource = dataSource }));

        Assert.Contains("DataSource", exception.Message);
        Assert.Contains(words, exception.Message);
        Assert.DoesNotContain("hunter2", exception.Message);
        await Assert.ThrowsAsync<ArgumentException>(() => SqliteStore.MigrateUpAsync(dataSource));
    }

    [Fact]
    public void Making_a_store_touches_no_file()
    {
        _file.NewStore();

        Assert.Empty(Directory.GetFiles(_file.Directory));
    }
}
