using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace KvSessions.Stores.Redis.Tests;

public sealed class RegistrationTests : ScopedTest
{
    [Fact]
    public Task A_configuration_string_is_enough() =>
        AssertWorksAsync(builder => builder.AddRedisStore(TestRedis.Server.Configuration, UsePrefix));

    [Fact]
    public Task Options_of_the_driver_do_as_well() =>
        AssertWorksAsync(builder => builder.AddRedisStore(ConfigurationOptions.Parse(TestRedis.Server.Configuration), UsePrefix));

    [Fact]
    public Task A_connection_of_the_application_does_as_well() => AssertWorksAsync(builder => builder.AddRedisStore(Scope.Multiplexer, UsePrefix));

    [Fact]
    public Task The_connection_of_the_services_does_as_well() =>
        AssertWorksAsync(builder =>
        {
            builder.Services.AddSingleton(Scope.Multiplexer);
            builder.AddRedisStore(UsePrefix);
        });

    [Fact]
    public async Task A_connection_that_belongs_to_the_caller_is_not_disposed()
    {
        var services = new ServiceCollection();
        services.AddKvSessions().AddRedisStore(Scope.Multiplexer, UsePrefix);
        await using (var provider = services.BuildServiceProvider())
        {
            await provider.GetRequiredService<ISessionStore>().LoadAsync(SessionId.New().Handle);
        }

        Assert.True(Scope.Multiplexer.IsConnected);
        await Scope.Multiplexer.GetDatabase().PingAsync();
    }

    [Fact]
    public async Task A_connection_of_theStores_own_ends_with_it()
    {
        var name = $"store-{SessionId.New().Handle}";
        var store = new RedisStore($"{TestRedis.Server.Configuration},name={name}", Scope.Options);
        await store.LoadAsync(SessionId.New().Handle);
        Assert.Contains(name, await ClientsAsync());

        await store.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.LoadAsync(SessionId.New().Handle));
        for (var clients = name; clients.Contains(name, StringComparison.Ordinal); clients = await ClientsAsync())
        {
            await Task.Yield();
        }
    }

    [Fact]
    public void A_secondStore_is_refused()
    {
        var builder = new ServiceCollection().AddKvSessions().AddRedisStore("localhost");

        Assert.Throws<InvalidOperationException>(() => builder.AddRedisStore("localhost"));
    }

    [Fact]
    public void What_is_wrong_with_the_options_is_said_when_the_host_starts()
    {
        var services = new ServiceCollection();
        services.AddKvSessions().AddRedisStore("localhost", static options => options.KeyPrefix = "a/b");
        using var provider = services.BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(provider.GetRequiredService<IStartupValidator>().Validate);

        Assert.Contains(nameof(RedisStoreOptions.KeyPrefix), exception.Message);
    }

    [Theory]
    [InlineData("localhost,abortConnect=hunter2")]
    [InlineData("localhost,hunter2=1")]
    [InlineData("password=hunter2")]
    [InlineData("")]
    public void A_configuration_that_cannot_be_read_is_refused_without_quoting_it(string configuration)
    {
        var exception = Assert.Throws<ArgumentException>(() => new RedisStore(configuration));

        Assert.DoesNotContain("hunter2", exception.ToString());
    }

    [Fact]
    public void A_configuration_string_has_defaults_and_may_say_otherwise()
    {
        var plain = RedisConfiguration.Parse("localhost");
        var said = RedisConfiguration.Parse("localhost,asyncTimeout=2000,abortConnect=true");

        Assert.Equal((750, false, false), (plain.AsyncTimeout, plain.AbortOnConnectFail, plain.BacklogPolicy.QueueWhileDisconnected));
        Assert.Equal((2000, true), (said.AsyncTimeout, said.AbortOnConnectFail));
    }

    [Fact]
    public void Making_aStore_connects_to_nothing() => _ = new RedisStore("127.0.0.1:1");

    private async Task AssertWorksAsync(Action<KvSessionsBuilder> add)
    {
        var services = new ServiceCollection();
        add(services.AddKvSessions());
        await using var provider = services.BuildServiceProvider();
        var store = provider.GetRequiredService<RedisStore>();
        var record = RedisScope.NewRecord();

        Assert.Same(store, provider.GetRequiredService<ISessionStore>());
        Assert.True(await store.CreateAsync(record));
        Assert.Contains($"s/{record.Handle}", await Scope.Keys.AllAsync());
    }

    private void UsePrefix(RedisStoreOptions options) => options.KeyPrefix = Scope.Keys.Prefix;

    private async Task<string> ClientsAsync() => (await Scope.Keys.Database.ExecuteAsync("CLIENT", "LIST")).ToString();
}
