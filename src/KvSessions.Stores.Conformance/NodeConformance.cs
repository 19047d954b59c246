using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>
/// Two nodes on one store: what one has done the other sees at once, and what they do at once is atomic. For harnesses that open a second node.
/// </summary>
public abstract class NodeConformance : ConformanceTest
{
    private ISessionStore? _other;

    private ISessionStore Other => _other ?? throw new InvalidOperationException("The test has not been initialized.");

    /// <inheritdoc/>
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _other = await Harness.OpenNodeAsync();
    }

    [Fact]
    public async Task What_one_node_has_done_the_other_sees_at_once()
    {
        var session = await CreateAsync(NewSubject());
        Assert.Equal(session, await Other.LoadAsync(session.Handle));

        await Harness.AdvanceAsync(TimeSpan.FromMinutes(1));
        await Other.SaveAsync(session.Handle, Set(("a", "1")));
        Assert.Equal(await Other.LoadAsync(session.Handle), await LoadLiveAsync(session.Handle));

        await Harness.AdvanceAsync(TimeSpan.FromMinutes(1));
        await SaveAsync(session.Handle, SessionChanges.Touch);
        Assert.Equal(await LoadLiveAsync(session.Handle), await Other.LoadAsync(session.Handle));

        var renewed = Renewal(await LoadLiveAsync(session.Handle));
        Assert.Equal(SaveStatus.Saved, (await Other.RenewAsync(session.Handle, renewed)).Status);
        await AssertNotThereAsync(session.Handle);
        await LoadLiveAsync(renewed.Handle);

        Assert.True(await Store.DeleteAsync(renewed.Handle), "A session that another node made was not there to be deleted.");
        Assert.Null(await Other.LoadAsync(renewed.Handle));
        Assert.Equal(SaveResult.Gone, await Other.SaveAsync(renewed.Handle, Set(("a", "1"))));
    }

    [Fact]
    public async Task Writers_of_different_keys_on_two_nodes_all_survive()
    {
        var session = await CreateAsync(values: SessionValues.Empty);
        var writes = Math.Min(Harness.RaceRounds, 200);

        await RaceAsync([.. Both().Select((node, number) => (Func<Task>)(async () =>
        {
            for (var i = 0; i < writes; i++)
            {
                Assert.Equal(SaveStatus.Saved, (await node.SaveAsync(session.Handle, Set(($"{number}/{i}", "x")))).Status);
            }
        }))]);

        var now = await LoadLiveAsync(session.Handle);
        AssertCount(2 * writes, now.Version - 1, "saves were acknowledged");
        AssertCount(2 * writes, now.Values.Count, "different keys were acknowledged");
    }

    [Fact]
    public async Task Of_what_two_nodes_may_do_once_exactly_one_does_it()
    {
        await RepeatAsync(Harness.RaceRounds, async _ =>
        {
            var session = await CreateAsync(NewSubject());
            var expecting = new SessionChanges { ExpectedVersion = 1, Sets = Values(("a", "1")) };
            Assert.Equal(
                [SaveStatus.Saved, SaveStatus.Conflict],
                await OnBothAsync(async (node, _) => (await node.SaveAsync(session.Handle, expecting)).Status));

            var before = await LoadLiveAsync(session.Handle);
            SessionRecord[] renewals = [Renewal(before), Renewal(before, NewSubject())];
            Assert.Equal(
                [SaveStatus.Saved, SaveStatus.Gone],
                await OnBothAsync(async (node, number) => (await node.RenewAsync(session.Handle, renewals[number])).Status));

            var handle = NewHandle();
            var created = await OnBothAsync(async (node, _) => await node.CreateAsync(NewRecord() with { Handle = handle }));
            AssertOne(created, true, "creations under one handle were accepted");
            var deleted = await OnBothAsync(async (node, _) => await node.DeleteAsync(handle));
            AssertOne(deleted, true, "deletions of one session said that they ended it");
        });
    }

    [Fact]
    public async Task A_save_on_one_node_that_races_with_a_deletion_on_the_other_never_brings_the_session_back()
    {
        await RepeatAsync(Harness.RaceRounds, async _ =>
        {
            var session = await CreateAsync();

            await RaceAsync(
                async () => await Other.SaveAsync(session.Handle, Set(("a", "1"))),
                async () => Assert.True(await Store.DeleteAsync(session.Handle), "The session was not there to be deleted."));

            await AssertNotThereAsync(session.Handle);
            Assert.Null(await Other.LoadAsync(session.Handle));
        });
    }

    [Fact]
    public async Task The_sessions_of_a_subject_are_listed_and_ended_from_any_node()
    {
        if ((Store, Other) is not (ISubjectSessionStore here, ISubjectSessionStore there))
        {
            return;
        }

        var subject = NewSubject();
        var session = await CreateAsync(subject);
        SessionRecord[] others = [NewRecord(subject), NewRecord(subject)];
        await Other.CreateAsync(others[0]);
        await Other.CreateAsync(others[1]);
        SessionHandle[] all = [session.Handle, others[0].Handle, others[1].Handle];

        var first = await here.FindBySubjectAsync(subject, 2);
        var second = await there.FindBySubjectAsync(subject, 2, first.Continuation);
        Assert.Equal(all.Order(), first.Records.Concat(second.Records).Select(static record => record.Handle).Order());

        Assert.Equal(all.Order(), (await here.DeleteBySubjectAsync(subject)).Order());
        foreach (var handle in all)
        {
            Assert.Null(await Other.LoadAsync(handle));
            Assert.Equal(SaveResult.Gone, await Other.SaveAsync(handle, SessionChanges.Touch));
        }

        Assert.Empty((await there.FindBySubjectAsync(subject, 10)).Records);
    }

    [Theory]
    [InlineData(SubjectLimitRule.EvictOldest)]
    [InlineData(SubjectLimitRule.RefuseNewest)]
    public async Task Two_nodes_together_keep_a_subject_within_its_limit(SubjectLimitRule rule)
    {
        if ((Store, Other) is not (ISubjectLimitStore here, ISubjectLimitStore there))
        {
            return;
        }

        await RepeatAsync(Math.Max(Harness.RaceRounds / 4, 10), async _ =>
        {
            var subject = NewSubject();

            await RaceAsync([.. new[] { here, there, here, there }.Select(node => (Func<Task>)(async () =>
                await node.AdmitAsync(null, NewRecord(subject), new(2, rule))))]);

            Assert.Equal(2, (await here.FindBySubjectAsync(subject, 10)).Records.Count);
        });
    }

    [Fact]
    public async Task Two_nodes_that_sweep_at_once_delete_each_session_once()
    {
        if ((Store, Other) is not (IExpiredSessionStore here, IExpiredSessionStore there))
        {
            return;
        }

        for (var i = 0; i < 20; i++)
        {
            await CreateAsync();
        }

        await Harness.AdvanceAsync(IdleTimeout);
        var swept = new int[2];

        await RaceAsync(
            async () => swept[0] = await here.DeleteExpiredAsync(100),
            async () => swept[1] = await there.DeleteExpiredAsync(100));

        Assert.Equal(20, swept.Sum() + await here.DeleteExpiredAsync(100));
    }

    private ISessionStore[] Both() => [Store, Other];

    /// <summary>Makes a call on both nodes at once.</summary>
    /// <returns>The two answers in ascending order.</returns>
    private async Task<T[]> OnBothAsync<T>(Func<ISessionStore, int, Task<T>> call)
    {
        var answers = new T[2];
        await RaceAsync([.. Both().Select((node, number) => (Func<Task>)(async () => answers[number] = await call(node, number)))]);
        return [.. answers.Order()];
    }
}
