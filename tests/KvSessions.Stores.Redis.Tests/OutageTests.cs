using System.Diagnostics;
using KvSessions.Tests;
using KvSessions.TestServers;
using StackExchange.Redis;

namespace KvSessions.Stores.Redis.Tests;

/// <summary>Servers that go, hang and come back, with the settings that a store has by default.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task A_store_that_is_made_before_its_server_works_once_that_is_there()
    {
        await using var server = await RedisServer.StartOwnAsync();
        await server.StopAsync();
        await using var store = new RedisStore(server.Configuration);
        await AssertFailsAsync(store.LoadAsync(SessionId.New().Handle), SessionStoreError.Unavailable);
        await AssertFailsAsync(store.CreateAsync(RedisScope.NewRecord()), SessionStoreError.Unavailable);

        await server.StartAsync();

        await AssertRecoversAsync(store);
    }

    [Fact]
    public async Task A_server_that_is_killed_and_comes_back_has_what_it_acknowledged()
    {
        await using var server = await RedisServer.StartOwnAsync(new() { Durable = true });
        await using var store = new RedisStore($"{server.Configuration},asyncTimeout=30000");
        var record = RedisScope.NewRecord("ada");
        await store.CreateAsync(record);
        await server.KillAsync();
        await FailsAtLastAsync(store);
        await AssertFailsAsync(store.SaveAsync(record.Handle, new() { Sets = RedisScope.Set(("a", "1")) }), SessionStoreError.Unavailable);

        await server.StartAsync();

        await AssertRecoversAsync(store);
        Assert.Equal(1, (await store.LoadAsync(record.Handle))!.Version);
        Assert.Equal([record.Handle], await store.DeleteBySubjectAsync("ada"));
    }

    [Fact]
    public async Task A_server_that_hangs_gives_late_reads_and_writes_of_unknown_outcome()
    {
        await using var server = await RedisServer.StartOwnAsync();
        await using var store = new RedisStore($"{server.Configuration},asyncTimeout=200");
        var record = RedisScope.NewRecord();
        await store.CreateAsync(record);
        await server.PauseAsync();

        var load = store.LoadAsync(record.Handle);
        var save = store.SaveAsync(record.Handle, new() { Sets = RedisScope.Set(("a", "1")) });
        await AssertFailsAsync(load, SessionStoreError.TimedOut);
        await AssertFailsAsync(save, SessionStoreError.UnknownOutcome);

        await server.ResumeAsync();
        await AssertRecoversAsync(store);
    }

    [Fact]
    public async Task An_answer_that_is_lost_on_its_way_is_an_unknown_outcome()
    {
        await using var server = await RedisServer.StartOwnAsync();
        await using var proxy = TcpProxy.Start(server);
        await using var store = new RedisStore($"127.0.0.1:{proxy.Port},asyncTimeout=5000");
        var record = RedisScope.NewRecord();
        await store.CreateAsync(record);
        await store.SaveAsync(record.Handle, SessionChanges.Touch);
        proxy.ToClient = Forwarding.Dropped;
        var save = store.SaveAsync(record.Handle, new() { Sets = RedisScope.Set(("a", "1")) });
        await using (var scope = await RedisScope.CreateAsync(server.Configuration, "kvsessions"))
        {
            await Eventually.TrueAsync(
                () => scope.Keys.Database.HashExists(scope.Keys.Session(record.Handle), "a"), "the server has applied the save");
        }

        proxy.Cut();

        await AssertFailsAsync(save, SessionStoreError.UnknownOutcome);
    }

    [Fact]
    public async Task After_a_failover_the_new_master_is_found_without_a_restart()
    {
        await using var servers = await RedisReplication.StartAsync();
        await using var store = new RedisStore(servers.Configuration);
        var record = RedisScope.NewRecord("ada");
        await EventuallyWorksAsync(() => store.CreateAsync(record).AsTask());
        await using (var master = await RedisScope.CreateAsync(servers.Master.Configuration))
        {
            await master.Keys.Database.ExecuteAsync("WAIT", "1", "10000");
        }

        await servers.PromoteAsync();

        // A replica refuses the first writes, for certain; then the driver has looked who is the master now.
        await EventuallyWorksAsync(() => store.SaveAsync(record.Handle, new() { ExpectedVersion = 1, Sets = RedisScope.Set(("a", "1")) }).AsTask());
        Assert.Equal(2, (await store.LoadAsync(record.Handle))!.Version);
        Assert.Equal([record.Handle], await store.DeleteBySubjectAsync("ada"));
    }

    [Fact]
    public async Task A_replica_alone_is_unavailable()
    {
        await using var servers = await RedisReplication.StartAsync();
        await using var store = new RedisStore(servers.Replica.Configuration);

        await AssertFailsAsync(store.LoadAsync(SessionId.New().Handle), SessionStoreError.Unavailable);
        await AssertFailsAsync(store.CreateAsync(RedisScope.NewRecord()), SessionStoreError.Unavailable);
    }

    [Fact]
    public async Task A_call_that_waits_ends_when_it_is_cancelled()
    {
        await using var server = await RedisServer.StartOwnAsync();
        await using var store = new RedisStore($"{server.Configuration},asyncTimeout=60000");
        await store.LoadAsync(SessionId.New().Handle);
        await server.PauseAsync();
        using var cancellation = new CancellationTokenSource();

        var load = store.LoadAsync(SessionId.New().Handle, cancellation.Token);
        var save = store.SaveAsync(SessionId.New().Handle, SessionChanges.Touch, cancellation.Token);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await load);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await save);
        await server.ResumeAsync();
    }

    [Fact]
    public async Task No_fault_names_an_id_a_subject_a_value_or_a_password()
    {
        await using var server = await RedisServer.StartOwnAsync();
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{server.Configuration},asyncTimeout=200,password=hunter2,abortConnect=false");
        await using var store = new RedisStore(connection);
        await using var own = new RedisStore($"{server.Configuration},password=hunter2");
        await server.StopAsync();

        foreach (var each in (RedisStore[])[store, own])
        {
            var record = RedisScope.NewRecord("ada@example.org", value: "hunter2");
            foreach (var call in (Func<Task>[])
                [async () => await each.CreateAsync(record), async () => await each.FindBySubjectAsync("ada@example.org", 1), async () => await each.LoadAsync(record.Handle)])
            {
                var fault = await Assert.ThrowsAsync<SessionStoreException>(call);
                Assert.DoesNotContain("hunter2", fault.ToString());
                Assert.DoesNotContain("ada@", fault.ToString());
            }
        }
    }

    private static async Task AssertFailsAsync<T>(ValueTask<T> call, SessionStoreError error) =>
        Assert.Equal(error, (await Assert.ThrowsAsync<SessionStoreException>(async () => await call)).Error);

    private static Task AssertRecoversAsync(RedisStore store) => EventuallyWorksAsync(() => store.LoadAsync(SessionId.New().Handle).AsTask());

    private static async Task FailsAtLastAsync(RedisStore store)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromSeconds(20);)
        {
            try
            {
                await store.LoadAsync(SessionId.New().Handle);
            }
            catch (SessionStoreException)
            {
                return;
            }
        }

        Assert.Fail("The driver has not noticed that the server is gone.");
    }

    private static async Task EventuallyWorksAsync(Func<Task> call)
    {
        for (var waited = Stopwatch.StartNew(); ;)
        {
            try
            {
                await call();
                return;
            }
            catch (SessionStoreException fault) when (waited.Elapsed < TimeSpan.FromSeconds(20))
            {
                Assert.NotEqual(SessionStoreError.Corrupt, fault.Error);
                await Task.Delay(20);
            }
        }
    }
}
