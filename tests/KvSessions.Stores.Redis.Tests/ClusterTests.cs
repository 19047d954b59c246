using StackExchange.Redis;

namespace KvSessions.Stores.Redis.Tests;

public sealed class ClusterTests
{
    [Fact]
    public async Task A_cluster_is_refused_without_a_hash_tag_and_the_fault_says_what_to_do()
    {
        var cluster = await TestCluster.GetAsync();
        var log = new LogNames();
        await using var store = new RedisStore($"{cluster.Configuration},asyncTimeout=30000,connectTimeout=30000", logger: log);

        Assert.True(await store.CheckServersAsync(CancellationToken.None));
        Assert.Equal(["Refused"], log.Warnings);

        foreach (var call in (Func<Task>[])
            [async () => await store.LoadAsync(SessionId.New().Handle), async () => await store.CreateAsync(RedisScope.NewRecord("ada"))])
        {
            var fault = await Assert.ThrowsAsync<SessionStoreException>(call);
            Assert.Equal(SessionStoreError.Unavailable, fault.Error);
            Assert.Contains(nameof(RedisStoreOptions.KeyPrefix), fault.Message);
            Assert.Contains("hash tag", fault.Message);
        }
    }

    [Fact]
    public async Task With_a_hash_tag_all_keys_are_in_one_slot()
    {
        await using var scope = await RedisScope.CreateOnClusterAsync();
        var store = scope.NewStore();
        for (var i = 0; i < 20; i++)
        {
            Assert.True(await store.CreateAsync(RedisScope.NewRecord(i % 2 == 0 ? null : $"user {i}")));
        }

        var slots = (await scope.Keys.AllAsync()).Select(name => scope.Multiplexer.HashSlot($"{scope.Keys.Prefix}/{name}")).ToList();
        Assert.Equal((30, 1), (slots.Count, slots.Distinct().Count()));
    }

    [Fact]
    public async Task After_a_slot_has_moved_its_sessions_are_at_the_new_master()
    {
        var cluster = await TestCluster.GetAsync();
        await using var scope = await RedisScope.CreateOnClusterAsync();
        var store = scope.NewStore();
        var record = RedisScope.NewRecord("ada");
        await store.CreateAsync(record);
        var slot = scope.Multiplexer.HashSlot((RedisKey)$"{scope.Keys.Prefix}/");

        for (var i = 0; i < 3; i++)
        {
            await cluster.MigrateSlotAsync(slot, (await cluster.OwnerAsync(slot) + 1) % 3);
            Assert.Equal(SaveStatus.Saved, (await store.SaveAsync(record.Handle, new() { Sets = RedisScope.Set(("a", $"{i}")) })).Status);
        }

        Assert.Equal(4, (await store.LoadAsync(record.Handle))!.Version);
        Assert.Equal([record.Handle], await store.DeleteBySubjectAsync("ada"));
        Assert.Empty(await scope.Keys.AllAsync());
    }
}
