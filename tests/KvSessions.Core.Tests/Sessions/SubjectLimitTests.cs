using static KvSessions.Core.Tests.SessionBench;

namespace KvSessions.Core.Tests.Sessions;

public sealed class SubjectLimitTests
{
    [Fact]
    public async Task One_sign_in_too_many_ends_the_oldest_session()
    {
        var bench = new SessionBench(o => o.MaxSessionsPerSubject = 2);
        List<SessionId> ids = [];
        for (var i = 0; i < 4; i++)
        {
            ids.Add(await bench.SeedAsync(subject: "ann"));
            bench.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Null(await bench.StoredAsync(ids[0]));
        Assert.Null(await bench.StoredAsync(ids[1]));
        Assert.NotNull(await bench.StoredAsync(ids[2]));
        Assert.NotNull(await bench.StoredAsync(ids[3]));
    }

    [Fact]
    public async Task One_sign_in_too_many_is_refused_and_changes_nothing_where_the_rule_says_so()
    {
        var bench = new SessionBench(o => (o.MaxSessionsPerSubject, o.SubjectLimitRule) = (2, SubjectLimitRule.RefuseNewest));
        var first = await bench.SeedAsync(subject: "ann");
        var second = await bench.SeedAsync(subject: "ann");
        var visitor = await bench.SeedAsync(number: 7);
        var (session, client) = bench.Request(visitor);

        var fault = await Assert.ThrowsAsync<SubjectLimitException>(async () => await session.SignInAsync("ann"));

        Assert.Equal(2, fault.Maximum);
        Assert.Contains("2 sessions", fault.Message, StringComparison.Ordinal);
        Assert.Null(client.Id);
        Assert.NotNull(await bench.StoredAsync(first));
        Assert.NotNull(await bench.StoredAsync(second));
        Assert.Equal(7, (await bench.StoredAsync(visitor))!.Get(Number));
        Assert.Null(await session.GetSubjectAsync());
    }

    [Fact]
    public async Task A_session_that_is_renewed_does_not_count_against_itself()
    {
        var bench = new SessionBench(o => (o.MaxSessionsPerSubject, o.SubjectLimitRule) = (1, SubjectLimitRule.RefuseNewest));
        var id = await bench.SeedAsync(subject: "ann");
        var (renewal, renewed) = bench.Request(id);
        await renewal.RenewAsync();
        var (again, signedIn) = bench.Request(renewed.Id);
        await again.SignInAsync("ann");

        Assert.Equal("ann", (await bench.StoredAsync(signedIn.Id!))!.Subject);
    }

    [Theory]
    [InlineData(SubjectLimitRule.RefuseNewest)]
    [InlineData(SubjectLimitRule.EvictOldest)]
    public async Task A_user_who_is_over_a_limit_that_was_lowered_can_still_get_new_ids(SubjectLimitRule rule)
    {
        var before = new SessionBench();
        SessionId[] ids = [await before.SeedAsync(subject: "ann"), await before.SeedAsync(subject: "ann"), await before.SeedAsync(subject: "ann")];
        var bench = new SessionBench(o => (o.MaxSessionsPerSubject, o.SubjectLimitRule) = (1, rule), sameStoreAs: before);
        var (renewal, renewed) = bench.Request(ids[0]);
        await renewal.RenewAsync();
        var (again, signedIn) = bench.Request(renewed.Id);
        await again.SignInAsync("ann");

        Assert.Equal("ann", (await bench.StoredAsync(signedIn.Id!))!.Subject);
        Assert.NotNull(await bench.StoredAsync(ids[1]));
        Assert.NotNull(await bench.StoredAsync(ids[2]));
    }

    [Fact]
    public async Task Anonymous_sessions_and_other_users_do_not_count()
    {
        var bench = new SessionBench(o => (o.MaxSessionsPerSubject, o.SubjectLimitRule) = (1, SubjectLimitRule.RefuseNewest));
        await bench.SeedAsync();
        await bench.SeedAsync();
        await bench.SeedAsync(subject: "bob");

        Assert.NotNull(await bench.StoredAsync(await bench.SeedAsync(subject: "ann")));
    }

    [Theory]
    [InlineData(SubjectLimitRule.EvictOldest)]
    [InlineData(SubjectLimitRule.RefuseNewest)]
    public async Task The_limit_holds_however_many_sign_in_at_once(SubjectLimitRule rule)
    {
        var bench = new SessionBench(o => (o.MaxSessionsPerSubject, o.SubjectLimitRule) = (3, rule));
        bench.Store.Before = static async (_, _) => await Task.Yield();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(async () =>
        {
            try
            {
                await bench.Open().SignInAsync("ann");
                return true;
            }
            catch (SubjectLimitException)
            {
                return false;
            }
        })));

        var page = await ((ISubjectSessionStore)bench.Store.Inner).FindBySubjectAsync("ann", 100);
        Assert.Equal(3, page.Records.Count);
        Assert.Equal(rule == SubjectLimitRule.EvictOldest ? 40 : 3, outcomes.Count(isIn => isIn));
    }

    [Fact]
    public void Room_is_made_by_age_and_then_by_handle()
    {
        var (old, twin, young) = (Records.New(), Records.New(), Records.New() with { CreatedAt = Records.T0.AddMinutes(1) });
        var (first, second) = old.Handle < twin.Handle ? (old, twin) : (twin, old);

        Assert.Throws<ArgumentNullException>("others", () => new SubjectLimit(2, SubjectLimitRule.EvictOldest).TryMakeRoom(null!, out _));
        Assert.True(new SubjectLimit(2, SubjectLimitRule.EvictOldest).TryMakeRoom([young, old, twin], out var evicted));
        Assert.Equal([first.Handle, second.Handle], evicted);
        Assert.True(new SubjectLimit(4, SubjectLimitRule.RefuseNewest).TryMakeRoom([young, old, twin], out evicted));
        Assert.Empty(evicted);
        Assert.False(new SubjectLimit(3, SubjectLimitRule.RefuseNewest).TryMakeRoom([young, old, twin], out evicted));
        Assert.Empty(evicted);
    }
}
