namespace KvSessions.Core.Tests.Subjects;

public sealed class SubjectSessionsTests
{
    private readonly SessionBench _bench = new();
    private readonly ListLogger<SubjectSessions> _log = new();
    private readonly SubjectSessions _subjects;

    public SubjectSessionsTests() => _subjects = new SubjectSessions(_bench.Calls, _log);

    [Fact]
    public async Task All_sessions_of_a_user_are_listed_page_by_page_and_nobody_elses()
    {
        HashSet<SessionHandle> anns = [];
        for (var i = 0; i < 230; i++)
        {
            anns.Add((await _bench.SeedAsync(subject: "ann")).Handle);
        }

        await _bench.SeedAsync(subject: "Ann");
        await _bench.SeedAsync(subject: "annabel");
        await _bench.SeedAsync();

        var listed = await _subjects.ListAsync("ann").ToListAsync();
        Assert.Equal(230, listed.Count);
        Assert.True(anns.SetEquals(listed.Select(record => record.Handle)));
        Assert.InRange(_bench.Store.Count(StoreVerb.FindBySubject), 3, 4);
        Assert.Empty(await _subjects.ListAsync("nobody").ToListAsync());
    }

    [Fact]
    public async Task A_session_is_ended_only_if_it_is_the_users()
    {
        var (anns, bobs, visitors) = (await _bench.SeedAsync(subject: "ann"), await _bench.SeedAsync(subject: "bob"), await _bench.SeedAsync());

        Assert.False(await _subjects.EndAsync("ann", bobs.Handle));
        Assert.False(await _subjects.EndAsync("ann", visitors.Handle));
        Assert.False(await _subjects.EndAsync("ann", SessionId.New().Handle));
        Assert.Equal(0, _bench.Store.Count(StoreVerb.Delete));
        Assert.True(await _subjects.EndAsync("ann", anns.Handle));
        Assert.False(await _subjects.EndAsync("ann", anns.Handle));
        Assert.Null(await _bench.StoredAsync(anns));
    }

    [Fact]
    public async Task All_sessions_of_a_user_can_be_ended()
    {
        var (one, two, bobs) = (await _bench.SeedAsync(subject: "ann"), await _bench.SeedAsync(subject: "ann"), await _bench.SeedAsync(subject: "bob"));

        Assert.Equal(2, await _subjects.EndAllAsync("ann"));

        Assert.Null(await _bench.StoredAsync(one));
        Assert.Null(await _bench.StoredAsync(two));
        Assert.NotNull(await _bench.StoredAsync(bobs));
        Assert.Equal(0, await _subjects.EndAllAsync("ann"));
        Assert.Equal(["Ended sessions of one subject: 2.", "Ended sessions of one subject: 0."], _log.Messages.Select(entry => entry.Message));
    }

    [Fact]
    public async Task No_subject_is_no_argument()
    {
        var id = await _bench.SeedAsync();

        await Assert.ThrowsAsync<ArgumentNullException>("subject", async () => await _subjects.ListAsync(null!).ToListAsync());
        await Assert.ThrowsAsync<ArgumentNullException>("subject", async () => await _subjects.EndAsync(null!, id.Handle));
        await Assert.ThrowsAsync<ArgumentNullException>("subject", async () => await _subjects.EndAllAsync(null!));
        await Assert.ThrowsAsync<ArgumentNullException>("subject", async () => await _subjects.EndOthersAsync(null!, id.Handle));
        Assert.Empty(_bench.Store.Calls);
        Assert.NotNull(await _bench.StoredAsync(id));
    }

    [Fact]
    public async Task All_sessions_but_the_present_one_can_be_ended()
    {
        var (here, there) = (await _bench.SeedAsync(subject: "ann"), await _bench.SeedAsync(subject: "ann"));

        Assert.Equal(1, await _subjects.EndOthersAsync("ann", here.Handle));

        Assert.NotNull(await _bench.StoredAsync(here));
        Assert.Null(await _bench.StoredAsync(there));
    }

    [Fact]
    public async Task An_expired_session_is_neither_listed_nor_ended()
    {
        var id = await _bench.SeedAsync(subject: "ann");
        _bench.Clock.Advance(TimeSpan.FromDays(1));

        Assert.Empty(await _subjects.ListAsync("ann").ToListAsync());
        Assert.False(await _subjects.EndAsync("ann", id.Handle));
        Assert.Equal(0, await _subjects.EndAllAsync("ann"));
    }

    [Fact]
    public async Task A_request_that_is_using_an_ended_session_cannot_bring_it_back()
    {
        var id = await _bench.SeedAsync(subject: "ann");
        var session = _bench.Open(id);
        await session.GetSubjectAsync();
        session.Set(SessionBench.Number, 2);
        await _subjects.EndAllAsync("ann");

        await Assert.ThrowsAsync<SessionGoneException>(async () => await session.CommitAsync());
        Assert.Empty(await _subjects.ListAsync("ann").ToListAsync());
    }
}
