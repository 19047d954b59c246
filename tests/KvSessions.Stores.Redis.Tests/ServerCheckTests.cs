using KvSessions.Tests;
using KvSessions.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KvSessions.Stores.Redis.Tests;

public sealed class ServerCheckTests
{
    [Theory]
    [InlineData("noeviction", "no", "", "NotPersistent")]
    [InlineData("allkeys-lru", "no", "", "MayEvict NotPersistent")]
    [InlineData("volatile-ttl", "yes", "", "MayEvict")]
    [InlineData("noeviction", "no", "3600 1", "")]
    [InlineData("noeviction", "yes", "", "")]
    public async Task What_endangers_sessions_is_said_when_the_application_starts(string policy, string appendOnly, string save, string warnings)
    {
        await using var server = await RedisServer.StartOwnAsync(Settings(policy, appendOnly, save));
        var log = new LogNames();
        await using (var store = new RedisStore(server.Configuration, logger: log))
        {
            Assert.True(await store.CheckServersAsync(CancellationToken.None));
        }

        Assert.Equal(warnings, string.Join(' ', log.Warnings));
    }

    [Fact]
    public async Task A_user_who_may_not_look_does_no_harm()
    {
        await using var server = await RedisServer.StartOwnAsync();
        await using (var scope = await RedisScope.CreateAsync(server.Configuration))
        {
            await scope.Keys.Database.ExecuteAsync("ACL", "SETUSER", "limited", "on", ">secret", "~*", "&*", "+@all", "-config");
        }

        var log = new LogNames();
        await using var store = new RedisStore($"{server.Configuration},user=limited,password=secret", logger: log);

        Assert.True(await store.CheckServersAsync(CancellationToken.None));
        Assert.Empty(log.Warnings);
        Assert.Contains("PersistenceUnknown", log.All);
    }

    [Fact]
    public async Task The_application_starts_without_a_server_and_looks_again_later()
    {
        var log = new LogNames();
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var server = await RedisServer.StartOwnAsync(Settings("allkeys-lru", "yes", ""));
        await server.StopAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<ILogger<RedisStore>>(log);
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddKvSessions().AddRedisStore(server.Configuration);
        using var host = builder.Build();

        await host.StartAsync();
        await Eventually.TrueAsync(() => log.All.Contains("CheckFailed"), "the check has failed");
        await server.StartAsync();

        await Eventually.TrueAsync(clock, TimeSpan.FromSeconds(1), () => log.All.Contains("MayEvict"), "the server has been checked");
        await host.StopAsync();
    }

    private static RedisServerOptions Settings(string policy, string appendOnly, string save) =>
        new() { Settings = new Dictionary<string, string> { ["maxmemory-policy"] = policy, ["appendonly"] = appendOnly, ["save"] = save } };
}
