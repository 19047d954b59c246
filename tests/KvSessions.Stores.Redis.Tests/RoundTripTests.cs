namespace KvSessions.Stores.Redis.Tests;

public sealed class RoundTripTests : ScopedTest
{
    [Fact]
    public async Task Every_verb_is_one_command()
    {
        await WarmUpAsync();
        await using var monitor = await CommandMonitor.StartAsync(TestRedis.Server, Scope.Keys.Prefix);
        var (session, renewed, admitted) = (RedisScope.NewRecord("ada"), RedisScope.NewRecord("ada") with { Version = 3 }, RedisScope.NewRecord("ada"));
        (string Verb, string Command, Func<Task> Call)[] verbs =
        [
            ("create", "EVALSHA", async () => await Store.CreateAsync(session)),
            ("load", "HGETALL", async () => await Store.LoadAsync(session.Handle)),
            ("load version", "HGET", async () => await Store.LoadVersionAsync(session.Handle)),
            ("save", "EVALSHA", async () => await Store.SaveAsync(session.Handle, new() { Sets = RedisScope.Set(("a", "1")) })),
            ("touch", "EVALSHA", async () => await Store.SaveAsync(session.Handle, SessionChanges.Touch)),
            ("renew", "EVALSHA", async () => await Store.RenewAsync(session.Handle, renewed)),
            ("admit", "EVALSHA", async () => await Store.AdmitAsync(null, admitted, new(1, SubjectLimitRule.EvictOldest))),
            ("find", "EVALSHA", async () => await Store.FindBySubjectAsync("ada", 10)),
            ("delete", "EVALSHA", async () => await Store.DeleteAsync(admitted.Handle)),
            ("revoke", "EVALSHA", async () => await Store.DeleteBySubjectAsync("ada")),
        ];

        foreach (var (verb, command, call) in verbs)
        {
            await call();
            Assert.Equal((verb, command), (verb, string.Join(", ", await monitor.TakeAsync(Scope))));
        }
    }

    [Fact]
    public async Task A_server_that_has_forgotten_the_scripts_is_sent_them_once()
    {
        await WarmUpAsync();
        var record = RedisScope.NewRecord();
        await Store.CreateAsync(record);
        await using var monitor = await CommandMonitor.StartAsync(TestRedis.Server, Scope.Keys.Prefix);
        await Scope.Keys.Database.ExecuteAsync("SCRIPT", "FLUSH");

        var first = await Store.SaveAsync(record.Handle, SessionChanges.Touch);
        var second = await Store.SaveAsync(record.Handle, SessionChanges.Touch);

        Assert.Equal((SaveStatus.Saved, SaveStatus.Saved), (first.Status, second.Status));

        // Other tests may flush, too, or have the server know the script again: then each save may be sent twice, or none.
        Assert.InRange((await monitor.TakeAsync(Scope)).Count, 2, 4);
    }

    [Fact]
    public async Task Scripts_that_are_flushed_again_and_again_cost_nobody_an_answer()
    {
        const int Clients = 16;
        const int Saves = 30;
        var record = RedisScope.NewRecord(value: "0");
        await Store.CreateAsync(record);

        var saving = Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            for (var i = 0; i < Saves; i++)
            {
                Assert.Equal(SaveStatus.Saved, (await Store.SaveAsync(record.Handle, new() { Sets = RedisScope.Set(($"{client}", $"{i}")) })).Status);
            }
        }));
        while (!saving.IsCompleted)
        {
            await Scope.Keys.Database.ExecuteAsync("SCRIPT", "FLUSH");
        }

        await saving;
        Assert.Equal(1 + (Clients * Saves), (await Store.LoadAsync(record.Handle))!.Version);
    }

    // Once with every script, so that the server has them.
    private async Task WarmUpAsync()
    {
        var (old, renewed) = (RedisScope.NewRecord("warm"), RedisScope.NewRecord("warm") with { Version = 2 });
        await Store.CreateAsync(old);
        await Store.SaveAsync(old.Handle, SessionChanges.Touch);
        await Store.RenewAsync(old.Handle, renewed);
        await Store.FindBySubjectAsync("warm", 1);
        await Store.DeleteAsync(renewed.Handle);
        await Store.DeleteBySubjectAsync("warm");
    }
}
