namespace KvSessions.Stores.Redis.Tests;

public sealed class RoundTripTests : IAsyncLifetime
{
    private RedisScope _scope = null!;
    private RedisStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        _scope = await RedisScope.CreateAsync();
        _store = _scope.NewStore();
    }

    public ValueTask DisposeAsync() => _scope.DisposeAsync();

    [Fact]
    public async Task Every_verb_is_one_command()
    {
        await WarmUpAsync();
        await using var monitor = await CommandMonitor.StartAsync(TestRedis.Server, _scope.Keys.Prefix);
        var (session, renewed, admitted) = (RedisScope.NewRecord("ada"), RedisScope.NewRecord("ada") with { Version = 3 }, RedisScope.NewRecord("ada"));
        (string Verb, string Command, Func<Task> Call)[] verbs =
        [
            ("create", "EVALSHA", async () => await _store.CreateAsync(session)),
            ("load", "HGETALL", async () => await _store.LoadAsync(session.Handle)),
            ("save", "EVALSHA", async () => await _store.SaveAsync(session.Handle, new() { Sets = RedisScope.Set(("a", "1")) })),
            ("touch", "EVALSHA", async () => await _store.SaveAsync(session.Handle, SessionChanges.Touch)),
            ("renew", "EVALSHA", async () => await _store.RenewAsync(session.Handle, renewed)),
            ("admit", "EVALSHA", async () => await _store.AdmitAsync(null, admitted, new(1, SubjectLimitRule.EvictOldest))),
            ("find", "EVALSHA", async () => await _store.FindBySubjectAsync("ada", 10)),
            ("delete", "EVALSHA", async () => await _store.DeleteAsync(admitted.Handle)),
            ("revoke", "EVALSHA", async () => await _store.DeleteBySubjectAsync("ada")),
        ];

        foreach (var (verb, command, call) in verbs)
        {
            await call();
            Assert.Equal((verb, command), (verb, string.Join(", ", await monitor.TakeAsync(_scope))));
        }
    }

    [Fact]
    public async Task A_server_that_has_forgotten_the_scripts_is_sent_them_once()
    {
        await WarmUpAsync();
        var record = RedisScope.NewRecord();
        await _store.CreateAsync(record);
        await using var monitor = await CommandMonitor.StartAsync(TestRedis.Server, _scope.Keys.Prefix);
        await _scope.Keys.Database.ExecuteAsync("SCRIPT", "FLUSH");

        var first = await _store.SaveAsync(record.Handle, SessionChanges.Touch);
        var second = await _store.SaveAsync(record.Handle, SessionChanges.Touch);

        Assert.Equal((SaveStatus.Saved, SaveStatus.Saved), (first.Status, second.Status));

        // Other tests may flush, too: then each save may be sent twice, but the server is never left without an answer.
        Assert.InRange((await monitor.TakeAsync(_scope)).Count, 3, 4);
    }

    [Fact]
    public async Task Scripts_that_are_flushed_again_and_again_cost_nobody_an_answer()
    {
        const int Clients = 16;
        const int Saves = 30;
        var record = RedisScope.NewRecord(value: "0");
        await _store.CreateAsync(record);

        var saving = Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            for (var i = 0; i < Saves; i++)
            {
                Assert.Equal(SaveStatus.Saved, (await _store.SaveAsync(record.Handle, new() { Sets = RedisScope.Set(($"{client}", $"{i}")) })).Status);
            }
        }));
        while (!saving.IsCompleted)
        {
            await _scope.Keys.Database.ExecuteAsync("SCRIPT", "FLUSH");
        }

        await saving;
        Assert.Equal(1 + (Clients * Saves), (await _store.LoadAsync(record.Handle))!.Version);
    }

    // Once with every script, so that the server has them.
    private async Task WarmUpAsync()
    {
        var (old, renewed) = (RedisScope.NewRecord("warm"), RedisScope.NewRecord("warm") with { Version = 2 });
        await _store.CreateAsync(old);
        await _store.SaveAsync(old.Handle, SessionChanges.Touch);
        await _store.RenewAsync(old.Handle, renewed);
        await _store.FindBySubjectAsync("warm", 1);
        await _store.DeleteAsync(renewed.Handle);
        await _store.DeleteBySubjectAsync("warm");
    }
}
