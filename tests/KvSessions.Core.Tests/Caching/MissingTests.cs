namespace KvSessions.Core.Tests.Caching;

public sealed class MissingTests : IDisposable
{
    private readonly CacheBench _bench = new(static options => options.MaxEntries = 10);

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_session_that_is_not_there_is_asked_for_once_a_second()
    {
        var handle = SessionId.New().Handle;

        for (var i = 0; i < 10; i++)
        {
            Assert.Null(await _bench.Cached.LoadAsync(handle));
        }

        Assert.Equal(1, _bench.Loads);
        _bench.Clock.Advance(TimeSpan.FromSeconds(1));
        await _bench.Cached.LoadAsync(handle);
        Assert.Equal(2, _bench.Loads);
    }

    [Theory]
    [InlineData("create")]
    [InlineData("renew")]
    [InlineData("admit")]
    public async Task A_session_that_has_just_been_created_is_found(string how)
    {
        var old = await _bench.SeedAsync();
        var record = Records.New(subject: "ada");
        Assert.Null(await _bench.Cached.LoadAsync(record.Handle));

        switch (how)
        {
            case "create":
                await _bench.Cached.CreateAsync(record);
                break;
            case "renew":
                await _bench.Cached.RenewAsync(old, record with { Version = 2 });
                break;
            default:
                await _bench.Limits.AdmitAsync(null, record, new SubjectLimit(1, SubjectLimitRule.EvictOldest));
                break;
        }

        Assert.NotNull(await _bench.Cached.LoadAsync(record.Handle));
    }

    [Fact]
    public async Task A_load_that_began_before_a_creation_does_not_make_the_session_missing()
    {
        var record = Records.New();
        var (hasRead, letGo) = _bench.Store.HoldAnswerOfNext(StoreVerb.Load);
        var slow = _bench.Cached.LoadAsync(record.Handle).AsTask();
        await hasRead;

        await _bench.Cached.CreateAsync(record);
        letGo.SetResult();

        Assert.Null(await slow);
        Assert.NotNull(await _bench.Cached.LoadAsync(record.Handle));
    }

    [Fact]
    public async Task A_creation_of_which_nobody_knows_the_outcome_is_looked_for_in_the_store()
    {
        var record = Records.New();
        Assert.Null(await _bench.Cached.LoadAsync(record.Handle));
        _bench.Store.Break(StoreVerb.Create, SessionStoreError.UnknownOutcome);
        await Assert.ThrowsAsync<SessionStoreException>(async () => await _bench.Cached.CreateAsync(record));
        Assert.Null(await _bench.Cached.LoadAsync(record.Handle));

        await _bench.Store.Inner.CreateAsync(record);

        Assert.NotNull(await _bench.Cached.LoadAsync(record.Handle));
    }

    [Fact]
    public async Task Made_up_ids_push_out_no_session()
    {
        var handles = new List<SessionHandle>();
        for (var i = 0; i < 5; i++)
        {
            handles.Add(await _bench.SeedAsync());
        }

        for (var i = 0; i < 1000; i++)
        {
            await _bench.Cached.LoadAsync(SessionId.New().Handle);
            await _bench.Cached.SaveAsync(SessionId.New().Handle, SessionChanges.Touch);
            await _bench.Cached.DeleteAsync(SessionId.New().Handle);
        }

        _bench.Store.Forget();
        foreach (var handle in handles)
        {
            await _bench.ReadAsync(handle);
        }

        Assert.Empty(_bench.Store.Calls);
    }
}
