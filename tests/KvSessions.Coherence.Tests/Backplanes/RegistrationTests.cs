using KvSessions.Stores.Postgres;
using KvSessions.Stores.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using StackExchange.Redis;

namespace KvSessions.Coherence.Tests.Backplanes;

public sealed class RegistrationTests(RedisTarget redis, PostgresTarget postgres) : IClassFixture<RedisTarget>, IClassFixture<PostgresTarget>
{
    [Fact]
    public Task Redis_by_a_configuration() => AssertWorksAsync(builder => builder.AddMemoryCache().AddRedisBackplane(redis.Connection));

    [Fact]
    public async Task Redis_by_a_connection_of_the_application_which_is_not_disposed()
    {
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(redis.Connection);
        await AssertWorksAsync(builder => builder.AddMemoryCache().AddRedisBackplane(multiplexer));
        Assert.True(multiplexer.IsConnected);
    }

    [Fact]
    public async Task Redis_by_the_connection_of_the_services()
    {
        await using var multiplexer = await ConnectionMultiplexer.ConnectAsync(redis.Connection);
        await AssertWorksAsync(builder =>
        {
            builder.Services.AddSingleton<IConnectionMultiplexer>(multiplexer);
            builder.AddMemoryCache().AddRedisBackplane();
        });
    }

    [Fact]
    public Task Redis_by_the_connection_of_the_store_and_with_its_prefix() =>
        AssertWorksAsync(
            builder => builder.AddRedisStore(redis.Connection, static options => options.KeyPrefix = "shop").AddMemoryCache().AddRedisBackplane(),
            static services => Assert.Equal("shop", services.GetRequiredService<IOptions<RedisBackplaneOptions>>().Value.KeyPrefix));

    [Fact]
    public Task Postgres_by_a_connection_string() =>
        AssertWorksAsync(builder => builder.AddMemoryCache().AddPostgresBackplane(postgres.Connection));

    [Fact]
    public async Task Postgres_by_a_data_source_of_the_application_which_is_not_disposed()
    {
        await using var dataSource = NpgsqlDataSource.Create(postgres.Connection);
        await AssertWorksAsync(builder => builder.AddMemoryCache().AddPostgresBackplane(dataSource));
        await using var connection = await dataSource.OpenConnectionAsync();
    }

    [Fact]
    public async Task Postgres_by_the_data_source_of_the_services()
    {
        await using var dataSource = NpgsqlDataSource.Create(postgres.Connection);
        await AssertWorksAsync(builder =>
        {
            builder.Services.AddSingleton(dataSource);
            builder.AddMemoryCache().AddPostgresBackplane();
        });
    }

    [Fact]
    public Task Postgres_by_what_the_store_was_given_and_on_a_channel_of_its_own() =>
        AssertWorksAsync(
            builder => builder.AddPostgresStore(postgres.Connection, static options => options.Table = "shop").AddMemoryCache().AddPostgresBackplane(),
            static services => Assert.Equal("public.shop", services.GetRequiredService<IOptions<PostgresBackplaneOptions>>().Value.Channel));

    [Fact]
    public void What_is_wrong_is_said_when_the_host_starts()
    {
        var services = new ServiceCollection();
        services.AddLogging().AddKvSessionsCore().AddMemoryCache().AddRedisBackplane("localhost", static options => options.KeyPrefix = "a b");
        using var redisOnly = services.BuildServiceProvider();
        Assert.Contains("KeyPrefix", Assert.Throws<OptionsValidationException>(() => redisOnly.GetRequiredService<IOptions<RedisBackplaneOptions>>().Value).Message);

        services = new ServiceCollection();
        services.AddLogging().AddKvSessionsCore().AddMemoryCache().AddPostgresBackplane(static options =>
            (options.Channel, options.ListenConnectionString) = ("a b", "Port=1;Password=hunter2"));
        using var postgresOnly = services.BuildServiceProvider();
        var fault = Assert.Throws<OptionsValidationException>(() => postgresOnly.GetRequiredService<IOptions<PostgresBackplaneOptions>>().Value);
        Assert.Equal(3, fault.Failures.Count());
        Assert.DoesNotContain("hunter2", fault.Message);
    }

    private static async Task AssertWorksAsync(Action<KvSessionsBuilder> add, Action<IServiceProvider>? check = null)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        add(services.AddKvSessionsCore());
        await using var provider = services.BuildServiceProvider();
        check?.Invoke(provider);
        var coherence = provider.GetRequiredService<BackplaneCoherence>();
        coherence.Start();

        await Eventually.TrueAsync(() => coherence.IsTrusted, "the backplane is trusted");
    }
}
