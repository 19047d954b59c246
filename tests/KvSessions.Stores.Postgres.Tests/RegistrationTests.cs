using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;

namespace KvSessions.Stores.Postgres.Tests;

public sealed class RegistrationTests
{
    private const string Elsewhere = "Host=sessions.example;Username=app;Password=hunter2";

    [Theory]
    [InlineData("connection string")]
    [InlineData("data source")]
    [InlineData("services")]
    public async Task Each_way_to_name_the_database_gives_a_store_that_works(string way)
    {
        await using var schema = await PostgresSchema.CreateAsync();
        await using var dataSource = NpgsqlDataSource.Create(schema.ConnectionString);
        var services = new ServiceCollection();
        var builder = services.AddKvSessions();
        void Configure(PostgresStoreOptions options) => (options.Schema, options.ConnectTimeout) = (schema.Name, TimeSpan.FromSeconds(30));
        _ = way switch
        {
            "connection string" => builder.AddPostgresStore(schema.ConnectionString, Configure),
            "data source" => builder.AddPostgresStore(dataSource, Configure),
            _ => builder.AddPostgresStore(Configure),
        };
        services.AddSingleton(dataSource);
        await using (var provider = services.BuildServiceProvider())
        {
            provider.GetRequiredService<IStartupValidator>().Validate();
            var store = provider.GetRequiredService<PostgresStore>();
            await store.MigrateUpAsync();
            Assert.Same(store, provider.GetRequiredService<ISessionStore>());
            Assert.True(await store.CreateAsync(schema.NewRecord()));
        }

        // The services dispose what they made; the data source was given to them.
        Assert.Equal(1, await schema.ScalarAsync<int>($"SELECT count(*) FROM {schema.Table}"));
        await using var connection = await dataSource.OpenConnectionAsync();
    }

    [Fact]
    public async Task The_schema_is_migrated_when_the_host_starts()
    {
        await using var schema = await PostgresSchema.CreateAsync();
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddKvSessions().AddPostgresStore(schema.ConnectionString, options => options.Schema = schema.Name).MigrateOnStartup();
        using var host = builder.Build();

        await host.StartAsync();

        Assert.False((await schema.NewStore().GetMigrationStatusAsync()).IsPending);
        await host.StopAsync();
    }

    [Fact]
    public void A_second_store_is_refused()
    {
        var builder = new ServiceCollection().AddKvSessions().AddPostgresStore(Elsewhere);

        Assert.Throws<InvalidOperationException>(() => builder.AddPostgresStore(Elsewhere));
    }

    [Fact]
    public void Without_a_data_source_in_the_services_the_host_does_not_start()
    {
        var services = new ServiceCollection();
        services.AddKvSessions().AddPostgresStore();
        using var provider = services.BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<IStartupValidator>().Validate);

        Assert.Contains("ConnectionString or DataSource", exception.Message);
    }

    [Fact]
    public void Everything_that_is_wrong_is_in_one_message_when_the_host_starts()
    {
        var services = new ServiceCollection();
        services.AddKvSessions().AddPostgresStore("Password=hunter2", static options =>
        {
            options.Schema = "";
            options.Table = "a; DROP TABLE users; --";
            options.ConnectTimeout = TimeSpan.Zero;
        });
        using var provider = services.BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<IStartupValidator>().Validate);

        Assert.All(["ConnectionString names no Host", "Schema", "Table", "ConnectTimeout"], words => Assert.Contains(words, exception.Message));
        Assert.DoesNotContain("hunter2", exception.Message);
    }

    [Fact]
    public async Task A_data_source_that_gives_a_call_no_connection_of_its_own_is_refused()
    {
        await using var source = NpgsqlDataSource.Create("Host=a;Multiplexing=true");

        var exception = Assert.Throws<ArgumentException>(() => new PostgresStore(new() { DataSource = source }));

        Assert.Contains("DataSource asks for Multiplexing", exception.Message);
    }

    [Theory]
    [InlineData("", "Host")]
    [InlineData("Host=", "Host")]
    [InlineData("hunter2", "cannot be read")]
    [InlineData("Host=a;Secret=hunter2", "cannot be read")]
    [InlineData("Host=a;Port=hunter2", "cannot be read")]
    [InlineData("Host=a;Password=hunter2;Multiplexing=true", "Multiplexing")]
    public void A_connection_string_that_is_none_is_refused_without_quoting_it(string connectionString, string words)
    {
        var exception = Assert.Throws<ArgumentException>(() => new PostgresStore(new() { ConnectionString = connectionString }));

        Assert.Contains("ConnectionString", exception.Message);
        Assert.Contains(words, exception.Message);
        Assert.DoesNotContain("hunter2", exception.ToString());
    }

    [Theory]
    [InlineData("a\"b")]
    [InlineData("a.b")]
    [InlineData("a b")]
    [InlineData("a'b")]
    [InlineData("a$b")]
    [InlineData("1a")]
    [InlineData("é")]
    [InlineData("a\0")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void A_name_that_is_none_is_refused(string name)
    {
        Assert.Throws<ArgumentException>(() => new PostgresStore(new() { ConnectionString = Elsewhere, Table = name }));
        Assert.Throws<ArgumentException>(() => new PostgresStore(new() { ConnectionString = Elsewhere, Schema = name + new string('a', 40) }));
    }

    [Fact]
    public async Task Both_a_connection_string_and_a_data_source_are_one_too_many()
    {
        await using var dataSource = NpgsqlDataSource.Create(Elsewhere);

        Assert.Throws<ArgumentException>(() => new PostgresStore(new() { ConnectionString = Elsewhere, DataSource = dataSource }));
    }

    [Theory]
    [InlineData("Host=a", 32, true, false)]
    [InlineData("Host=a;Max Auto Prepare=0;No Reset On Close=false;Enlist=true", 0, false, true)]
    [InlineData("Host=a;maxautoprepare=0;noresetonclose=false;ENLIST=true", 0, false, true)]
    public void A_connection_string_keeps_what_it_says_and_gets_the_rest(string text, int prepared, bool noReset, bool enlist)
    {
        var completed = new NpgsqlConnectionStringBuilder(ConnectionText.Complete(text, isPreparing: true));

        Assert.Equal((prepared, noReset, enlist), (completed.MaxAutoPrepare, completed.NoResetOnClose, completed.Enlist));
        Assert.Equal(prepared == 0, ConnectionText.SaysWhatIsPrepared(text));
    }
}
