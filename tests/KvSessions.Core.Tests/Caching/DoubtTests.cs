namespace KvSessions.Core.Tests.Caching;

/// <summary>Which writes may have been applied though they failed, so that the store is asked about their sessions.</summary>
public sealed class DoubtTests : IDisposable
{
    private static readonly Dictionary<string, Func<CacheBench, SessionHandle, Task>> Writes = new()
    {
        ["a creation"] = async (bench, _) => await bench.Cached.CreateAsync(Records.New()),
        ["a save"] = async (bench, handle) => await bench.Cached.SaveAsync(handle, Records.Sets("a", 2)),
        ["a deletion"] = async (bench, handle) => await bench.Cached.DeleteAsync(handle),
        ["a renewal"] = async (bench, handle) => await bench.Cached.RenewAsync(handle, Records.New(subject: "ada") with { Version = 2 }),
        ["a sign-in"] = async (bench, handle) =>
            await bench.Limits.AdmitAsync(handle, Records.New(subject: "ada") with { Version = 2 }, new(9, SubjectLimitRule.EvictOldest)),
        ["the end of all"] = async (bench, _) => await bench.Limits.DeleteBySubjectAsync("ada"),
    };

    private readonly CacheBench _bench = new();

    public static TheoryData<string> OfOne => ["a save", "a deletion", "a renewal", "a sign-in", "the end of all"];

    public static TheoryData<string> All => [.. Writes.Keys];

    public void Dispose() => _bench.Dispose();

    [Theory]
    [MemberData(nameof(OfOne))]
    public async Task What_may_have_been_applied_is_asked_for_at_each_read(string write)
    {
        Exception[] faults =
        [
            new SessionStoreException(SessionStoreError.UnknownOutcome, "planted fault"),
            new SessionStoreException(SessionStoreError.TimedOut, "planted fault"),
            new OperationCanceledException(),
            new InvalidOperationException("planted fault"),
        ];

        foreach (var fault in faults)
        {
            var handle = await FailAsync(write, fault);
            await _bench.ReadAsync(handle);
            await _bench.ReadAsync(handle);
            Assert.Equal(2, _bench.Loads + _bench.Versions);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task What_has_certainly_not_been_applied_leaves_no_doubt(string write)
    {
        Exception[] faults =
        [
            new SessionStoreException(SessionStoreError.Unavailable, "planted fault"),
            new SessionStoreException(SessionStoreError.Corrupt, "planted fault"),
            new SessionLimitException("MaxKeys", 1, 2),
            new ArgumentException("planted fault"),
        ];

        foreach (var fault in faults)
        {
            var handle = await FailAsync(write, fault);
            await _bench.ReadAsync(handle);
            Assert.Empty(_bench.Store.Calls);
        }
    }

    [Fact]
    public async Task The_new_session_of_a_renewal_in_doubt_is_doubtful_too()
    {
        var old = await _bench.SeedAsync();
        var renewed = Records.New(null, null, ("a", [1])) with { Version = 2 };
        _bench.Store.After = static _ => throw new SessionStoreException(SessionStoreError.UnknownOutcome, "planted loss");
        await Assert.ThrowsAsync<SessionStoreException>(async () => await _bench.Cached.RenewAsync(old, renewed));
        _bench.Store.After = null;

        await _bench.ReadAsync(renewed.Handle);
        await _bench.ReadAsync(renewed.Handle);

        Assert.Equal(2, _bench.Loads + _bench.Versions);
    }

    [Fact]
    public async Task Of_too_many_at_once_nothing_that_is_loaded_is_kept_until_they_are_over()
    {
        var bystander = await _bench.SeedAsync();
        for (var i = 0; i < 10_000; i++)
        {
            await _bench.Cache.DoubtAsync(SessionId.New().Handle, isTouch: false);
        }

        _bench.Cache.Clear();
        await _bench.ReadAsync(bystander);
        _bench.Store.Forget();
        await _bench.ReadAsync(bystander);
        Assert.Empty(_bench.Store.Calls);
        await _bench.Cache.DoubtAsync(SessionId.New().Handle, isTouch: false);
        _bench.Cache.Clear();
        await _bench.ReadAsync(bystander);
        await _bench.ReadAsync(bystander);
        Assert.Equal(2, _bench.Loads + _bench.Versions);

        // Those that are over make room.
        _bench.Clock.Advance(SessionCache.DoubtPeriod);
        await _bench.Cache.DoubtAsync(SessionId.New().Handle, isTouch: false);
        await _bench.ReadAsync(bystander);
        _bench.Store.Forget();
        await _bench.ReadAsync(bystander);
        Assert.Empty(_bench.Store.Calls);
    }

    private async Task<SessionHandle> FailAsync(string write, Exception fault)
    {
        var handle = await _bench.SeedAsync("ada");
        _bench.Store.Before = (_, _) => throw fault;
        Assert.Same(fault, await Record.ExceptionAsync(() => Writes[write](_bench, handle)));
        _bench.Store.Heal();
        _bench.Store.Forget();
        return handle;
    }
}
