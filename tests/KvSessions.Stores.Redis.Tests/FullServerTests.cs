using KvSessions.TestServers;
using StackExchange.Redis;

namespace KvSessions.Stores.Redis.Tests;

/// <summary>A server that has reached its maxmemory, and does not evict.</summary>
public sealed class FullServerTests : IAsyncLifetime
{
    private RedisServer _server = null!;
    private RedisScope _scope = null!;
    private RedisStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartOwnAsync();
        _scope = await RedisScope.CreateAsync(_server.Configuration);
        _store = _scope.NewStore();
    }

    public async ValueTask DisposeAsync()
    {
        await SetMaxMemoryAsync("0");
        await _scope.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_write_is_refused_for_certain_and_changes_nothing()
    {
        var (session, other, over) = (RedisScope.NewRecord("ada"), RedisScope.NewRecord("ada"), RedisScope.NewRecord("ada"));
        await _store.CreateAsync(session);
        await _store.CreateAsync(other);
        await _store.CreateAsync(over);

        // As when it has expired: the index still has it, and a write that takes it out there could go on to add something.
        await _scope.Keys.Database.KeyDeleteAsync(_scope.Keys.Session(over.Handle));
        var before = await StateAsync();
        await SetMaxMemoryAsync("1");

        var renewed = session with { Handle = SessionId.New().Handle, Version = 2 };
        Func<Task>[] writes =
        [
            async () => await _store.CreateAsync(RedisScope.NewRecord("ada")),
            async () => await _store.CreateAsync(RedisScope.NewRecord()),
            async () => await _store.SaveAsync(session.Handle, new() { Sets = RedisScope.Set(("a", "1")) }),
            async () => await _store.SaveAsync(session.Handle, new() { Clears = true, Sets = RedisScope.Set(("a", "1")) }),
            async () => await _store.SaveAsync(session.Handle, new() { Removes = new HashSet<string> { "cart" } }),
            async () => await _store.SaveAsync(session.Handle, SessionChanges.Touch),
            async () => await _store.RenewAsync(session.Handle, renewed),
            async () => await _store.AdmitAsync(session.Handle, renewed, new(1, SubjectLimitRule.EvictOldest)),
        ];
        foreach (var write in writes)
        {
            Assert.Equal(SessionStoreError.Unavailable, (await Assert.ThrowsAsync<SessionStoreException>(write)).Error);
        }

        Assert.Equal(before, await StateAsync());
    }

    [Fact]
    public async Task Reads_and_revocations_go_on()
    {
        var (session, other) = (RedisScope.NewRecord("ada"), RedisScope.NewRecord("ada"));
        await _store.CreateAsync(session);
        await _store.CreateAsync(other);
        await SetMaxMemoryAsync("1");

        Assert.NotNull(await _store.LoadAsync(session.Handle));
        Assert.Equal(2, (await _store.FindBySubjectAsync("ada", 10)).Records.Count);
        Assert.True(await _store.DeleteAsync(session.Handle));
        Assert.Equal([other.Handle], await _store.DeleteBySubjectAsync("ada"));
        Assert.Empty(await _scope.Keys.AllAsync());
    }

    private Task<RedisResult> SetMaxMemoryAsync(string bytes) => _scope.Keys.Database.ExecuteAsync("CONFIG", "SET", "maxmemory", bytes);

    // Everything there is, to the byte, with its end.
    private async Task<IReadOnlyList<string>> StateAsync()
    {
        var state = new List<string>();
        foreach (RedisKey key in (await _scope.Keys.AllAsync()).Select(name => $"{_scope.Keys.Prefix}/{name}"))
        {
            var ends = (DateTimeOffset?)await _scope.Keys.Database.KeyExpireTimeAsync(key);
            state.Add($"{key} {ends:O} {Convert.ToBase64String((await _scope.Keys.Database.KeyDumpAsync(key))!)}");
        }

        return [.. state.Order(StringComparer.Ordinal)];
    }
}
