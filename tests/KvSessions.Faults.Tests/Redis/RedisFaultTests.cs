using StackExchange.Redis;

namespace KvSessions.Faults.Tests;

public sealed class RedisFaultTests(RedisTarget target, ITestOutputHelper output) : FaultTests(target, output), IClassFixture<RedisTarget>
{
    private readonly RedisTarget _target = target;

    [Fact]
    public async Task A_server_that_takes_no_more_clients()
    {
        await using var administrator = await _target.OpenAsync();

        var result = await SurviveAsync(
            async _ =>
            {
                await SetAsync(administrator, "maxclients", "1");
                await administrator.GetDatabase().ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
            },
            () => SetAsync(administrator, "maxclients", "10000"));

        Assert.True(result.Writes.Refused > 0, "No write was refused.");
    }

    [Fact]
    public async Task A_server_whose_memory_is_full()
    {
        await using var administrator = await _target.OpenAsync();

        var result = await SurviveAsync(
            async crowd =>
            {
                await SetAsync(administrator, "maxmemory", "1");
                await crowd.ReportedAsync("maxmemory");
            },
            () => SetAsync(administrator, "maxmemory", "0"));

        Assert.True(result.Writes.Refused > 0, "No write was refused.");
    }

    [Fact]
    public async Task A_server_that_forgets_its_scripts()
    {
        await using var administrator = await _target.OpenAsync();

        var result = await SurviveAsync(
            async crowd =>
            {
                const int Times = 10;
                for (var time = 0; time < Times; time++)
                {
                    await administrator.GetDatabase().ExecuteAsync("SCRIPT", "FLUSH");
                    await crowd.EndedAsync(5);
                }
            },
            () => Task.CompletedTask);

        // What a busy machine delays is late; that a script was not known shows in no call.
        Assert.All(result.Faults, static fault => Assert.Contains("in time", fault.Fault, StringComparison.Ordinal));
    }

    private static async Task SetAsync(ConnectionMultiplexer administrator, string setting, string value) =>
        await administrator.GetDatabase().ExecuteAsync("CONFIG", "SET", setting, value);
}
