using KvSessions.Stores.Memory;
using Microsoft.Extensions.Time.Testing;

namespace KvSessions.Core.Tests.Caching;

/// <summary>No call through a cache comes back to its caller's thread, whatever it has to wait for.</summary>
public sealed class CallersContextTests
{
    private static readonly StoreVerb[] Verbs =
    [
        StoreVerb.Load, StoreVerb.LoadVersion, StoreVerb.Create, StoreVerb.Save, StoreVerb.Delete, StoreVerb.Renew, StoreVerb.Admit,
        StoreVerb.FindBySubject, StoreVerb.DeleteBySubject, StoreVerb.DeleteExpired,
    ];

    [Theory]
    [InlineData(10)]
    [InlineData(0)]
    public async Task Neither_while_the_store_is_slow(int maxStaleness)
    {
        foreach (var slow in Verbs)
        {
            using var bench = new CacheBench(o => o.MaxStaleness = TimeSpan.FromSeconds(maxStaleness), new FakeCoherence());
            await AssertStayAwayAsync(bench.Cached, _ => Forget(bench), bench.Store, slow);
        }
    }

    [Fact]
    public async Task Nor_while_its_answer_is_lost()
    {
        foreach (var slow in Verbs)
        {
            using var bench = new CacheBench(coherence: new FakeCoherence());
            await AssertStayAwayAsync(bench.Cached, _ => Forget(bench), bench.Store, slow, isLost: true);
        }
    }

    [Fact]
    public async Task Nor_while_the_other_nodes_are_told()
    {
        var others = new FakeCoherence();
        using var bench = new CacheBench(coherence: others);
        foreach (var call in Calls(bench.Cached))
        {
            var record = await SeedAsync(bench.Cached);
            var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            others.Sent = sent.Task;
            Assert.False(await CallersContext.IsReturnedToAsync(() => call(record), sent.SetResult));
            others.Sent = Task.CompletedTask;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nor_while_a_store_that_serves_as_the_cache_is_slow_or_fails(bool isLost)
    {
        foreach (var slow in Verbs)
        {
            var clock = new FakeTimeProvider(Records.T0);
            var store = new CountingStore(new MemoryStore(timeProvider: clock));
            var cache = new CountingStore(new MemoryStore(timeProvider: clock));
            var cached = CachedSessionStore.Shared(store, cache, new SharedCacheOptions { SoftDeadline = TimeSpan.FromSeconds(10) }, clock);
            foreach (var slowStore in new[] { store, cache })
            {
                await AssertStayAwayAsync(cached, async handle => await cache.Inner.DeleteAsync(handle), slowStore, slow, isLost);
            }
        }
    }

    private static Func<SessionRecord, Task>[] Calls(CachedSessionStore cached) =>
    [
        record => cached.LoadAsync(record.Handle).AsTask(),
        record => cached.LoadAsync(SessionId.New().Handle).AsTask(),
        record => cached.LoadAsync(record.Handle, record.Version + 1, default).AsTask(),
        _ => cached.CreateAsync(Records.New()).AsTask(),
        record => cached.SaveAsync(record.Handle, Records.Sets("a", 2)).AsTask(),
        record => cached.SaveAsync(record.Handle, SessionChanges.Touch).AsTask(),
        record => cached.DeleteAsync(record.Handle).AsTask(),
        _ => cached.DeleteAsync(SessionId.New().Handle).AsTask(),
        record => cached.RenewAsync(record.Handle, Renewed(record)).AsTask(),
        record => ((ISubjectLimitStore)cached).AdmitAsync(record.Handle, Renewed(record), new(1, SubjectLimitRule.EvictOldest)).AsTask(),
        _ => ((ISubjectLimitStore)cached).AdmitAsync(null, Records.New(subject: "ada"), new(1, SubjectLimitRule.EvictOldest)).AsTask(),
        _ => ((ISubjectSessionStore)cached).FindBySubjectAsync("ada", 10).AsTask(),
        _ => ((ISubjectSessionStore)cached).DeleteBySubjectAsync("ada").AsTask(),
    ];

    private static async Task AssertStayAwayAsync(
        CachedSessionStore cached, Func<SessionHandle, Task> forgetAsync, CountingStore slowStore, StoreVerb slow, bool isLost = false)
    {
        foreach (var isHeld in new[] { true, false })
        {
            foreach (var call in Calls(cached))
            {
                var record = await SeedAsync(cached);
                if (!isHeld)
                {
                    await forgetAsync(record.Handle);
                }

                var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                slowStore.After = async done =>
                {
                    if (done.Verb == slow)
                    {
                        await answer.Task.ConfigureAwait(false);
                        if (isLost)
                        {
                            throw new SessionStoreException(SessionStoreError.UnknownOutcome, "planted loss");
                        }
                    }
                };
                var isReturnedTo = await CallersContext.IsReturnedToAsync(
                    async () =>
                    {
                        try
                        {
                            await call(record).ConfigureAwait(false);
                        }
                        catch (SessionStoreException)
                        {
                            // As planted.
                        }
                    },
                    answer.SetResult);
                slowStore.After = null;

                Assert.False(isReturnedTo, $"While {slow} was slow, the caller's context was returned to.");
            }
        }
    }

    private static Task Forget(CacheBench bench)
    {
        bench.Cache.Clear();
        return Task.CompletedTask;
    }

    private static SessionRecord Renewed(SessionRecord old) => old with { Handle = SessionId.New().Handle, Version = old.Version + 1 };

    private static async Task<SessionRecord> SeedAsync(CachedSessionStore cached)
    {
        var record = Records.New(null, "ada", ("a", [1]));
        Assert.True(await cached.CreateAsync(record));
        return (await cached.LoadAsync(record.Handle))!;
    }
}
