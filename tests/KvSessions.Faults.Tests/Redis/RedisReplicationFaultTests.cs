using KvSessions.TestServers;

namespace KvSessions.Faults.Tests;

/// <summary>Which server is the master changes.</summary>
public sealed class RedisReplicationFaultTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_master_that_hands_over_to_its_replica_loses_nothing()
    {
        await using var target = await StartAsync([]);

        var result = await new Outage(target, target.Connection)
        {
            BeginAsync = _ => target.Servers.FailOverAsync(TestContext.Current.CancellationToken),
            EndAsync = () => Task.CompletedTask,
        }.RunAsync(output);

        Assert.True(result.Writes.Refused > 0, "No write was refused by the new replica.");
    }

    [Fact]
    public async Task What_a_replica_has_confirmed_survives_the_death_of_the_master()
    {
        var seed = Random.Shared.Next();
        using var stalls = new StallWatch();
        await using var target = await StartAsync([]);
        await using var application = new Application(target, target.Connection);
        await using var before = await Crowd.StartAsync(target, application, seed);
        await before.AnsweredAsync(20);
        await before.StopAsync();
        await target.WaitForReplicaAsync();

        await target.Servers.Master.KillAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<SessionStoreException>(async () =>
        {
            while (true)
            {
                await application.Calls.DeleteAsync(SessionId.New().Handle, TestContext.Current.CancellationToken);
            }
        });
        await target.Servers.PromoteAsync(demote: false, TestContext.Current.CancellationToken);
        await using var after = await Crowd.StartAsync(target, application, seed + 1);
        var recovery = await after.RecoveredAsync();
        await after.StopAsync();

        await using var store = (IAsyncDisposable)target.PatientStore();
        foreach (var crowd in (Crowd[])[before, after])
        {
            Assert.Empty(await crowd.CheckAsync((ISessionStore)store));
            stalls.AssertPunctual(crowd.LongestCall.Took, crowd.LongestCall.End);
        }

        output.WriteLine(
            $"Seed {seed}. {new OutageResult(before.Writes, before.LongestCall, recovery, before.Faults)}\n{new OutageResult(after.Writes, after.LongestCall, recovery, after.Faults)}");
        Assert.True(recovery <= Outage.LongestRecovery, $"Calls failed for {recovery} after the replica was promoted.");
    }

    [Fact]
    public async Task What_no_replica_has_got_is_lost_with_the_master_as_the_documentation_says()
    {
        await using var target = await StartAsync([]);
        await using var proxy = TcpProxy.Start(target.Servers.Master);
        await target.FollowAsync(proxy);
        await using var application = new Application(target, target.Servers.Master.Configuration);
        var lost = Records.New();
        await application.Calls.LoadAsync(lost.Handle, TestContext.Current.CancellationToken);

        proxy.ToClient = Forwarding.Dropped;
        Assert.Equal(SaveStatus.Saved, (await application.Calls.PutNewAsync(null, lost, true, TestContext.Current.CancellationToken)).Status);
        await target.Servers.Master.KillAsync(TestContext.Current.CancellationToken);
        await target.Servers.PromoteAsync(demote: false, TestContext.Current.CancellationToken);

        await using var store = (IAsyncDisposable)target.PatientStore();
        Assert.Null(await ((ISessionStore)store).LoadAsync(lost.Handle, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_master_that_has_too_few_replicas_refuses_to_write()
    {
        await using var target = await StartAsync(new() { ["min-replicas-to-write"] = "1" });

        var result = await new Outage(target, target.Connection)
        {
            BeginAsync = async crowd =>
            {
                await target.Servers.Replica.KillAsync();
                await crowd.ReportedAsync("too few replicas");
            },
            EndAsync = () => target.Servers.Replica.StartAsync(),
        }.RunAsync(output);

        Assert.True(result.Writes.Refused > 0, "No write was refused.");
    }

    private static async Task<RedisReplicationTarget> StartAsync(Dictionary<string, string> settings)
    {
        var target = new RedisReplicationTarget(new() { Durable = true, Settings = settings });
        await target.InitializeAsync();
        return target;
    }
}
