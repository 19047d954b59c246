namespace KvSessions.Core.Tests.Caching;

/// <summary>What makes no sense, or is cancelled before it begins, reaches neither the store nor the cache.</summary>
public sealed class ArgumentTests : IDisposable
{
    private readonly CacheBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Nothing_is_no_argument()
    {
        var handle = SessionId.New().Handle;
        var limit = new SubjectLimit(1, SubjectLimitRule.EvictOldest);

        await Assert.ThrowsAsync<ArgumentNullException>("record", async () => await _bench.Cached.CreateAsync(null!));
        await Assert.ThrowsAsync<ArgumentNullException>("changes", async () => await _bench.Cached.SaveAsync(handle, null!));
        await Assert.ThrowsAsync<ArgumentNullException>("renewed", async () => await _bench.Cached.RenewAsync(handle, null!));
        await Assert.ThrowsAsync<ArgumentNullException>("record", async () => await _bench.Limits.AdmitAsync(null, null!, limit));
        await Assert.ThrowsAsync<ArgumentNullException>("record.Subject", async () => await _bench.Limits.AdmitAsync(null, Records.New(), limit));
        await Assert.ThrowsAsync<ArgumentNullException>("subject", async () => await _bench.Limits.DeleteBySubjectAsync(null!));
        Assert.Empty(_bench.Store.Calls);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_before_it_begins_does_nothing()
    {
        var handle = await _bench.SeedAsync("ada");
        var cancelled = new CancellationToken(canceled: true);
        var renewed = Records.New(subject: "ada") with { Version = 2 };
        Func<Task>[] calls =
        [
            async () => await _bench.Cached.CreateAsync(Records.New(), cancelled),
            async () => await _bench.Cached.SaveAsync(handle, Records.Sets("a", 2), cancelled),
            async () => await _bench.Cached.DeleteAsync(handle, cancelled),
            async () => await _bench.Cached.RenewAsync(handle, renewed, cancelled),
            async () => await _bench.Limits.AdmitAsync(handle, renewed, new(1, SubjectLimitRule.EvictOldest), cancelled),
            async () => await _bench.Limits.DeleteBySubjectAsync("ada", null, cancelled),
        ];

        foreach (var call in calls)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(call);
        }

        Assert.Empty(_bench.Store.Calls);
        Assert.Equal(1, await _bench.ReadAsync(handle));
        Assert.Empty(_bench.Store.Calls);
    }

    [Fact]
    public async Task After_a_write_of_any_kind_the_cache_answers_again()
    {
        var kept = await _bench.SeedAsync("bob");
        Func<SessionHandle, Task>[] writes =
        [
            async handle => await _bench.Cached.SaveAsync(handle, Records.Sets("a", 2)),
            async handle => await _bench.Cached.RenewAsync(handle, Records.New(subject: "ada") with { Version = 7 }),
            async handle => await _bench.Limits.AdmitAsync(handle, Records.New(subject: "ada") with { Version = 7 }, new(9, SubjectLimitRule.EvictOldest)),
            async _ => await _bench.Limits.AdmitAsync(null, Records.New(subject: "bob"), new(9, SubjectLimitRule.EvictOldest)),
            async _ => await _bench.Limits.DeleteBySubjectAsync("bob", kept),
        ];

        foreach (var write in writes)
        {
            var handle = await _bench.SeedAsync("ada");
            await write(handle);
            await _bench.Cached.LoadAsync(handle);
            await _bench.Cached.LoadAsync(kept);
            _bench.Store.Forget();

            await _bench.Cached.LoadAsync(handle);
            await _bench.Cached.LoadAsync(kept);
            Assert.Empty(_bench.Store.Calls);
        }
    }
}
