using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>A maximum number of sessions for a subject: kept in one atomic step, whatever races with whatever.</summary>
[RequiresStore(typeof(ISubjectLimitStore))]
public abstract class SubjectLimitConformance : SubjectTest
{
    private static readonly SubjectLimit EvictBeyondTwo = new(2, SubjectLimitRule.EvictOldest);
    private static readonly SubjectLimit RefuseBeyondTwo = new(2, SubjectLimitRule.RefuseNewest);

    private ISubjectLimitStore Limits => StoreAs<ISubjectLimitStore>();

    [Fact]
    public async Task Within_the_limit_a_session_is_created_as_any_other()
    {
        var subject = NewSubject();
        var record = NewRecord(subject) with { CreatedAt = Now + TimeSpan.FromMinutes(5), LastSeenAt = Now - TimeSpan.FromHours(1) };

        var result = await Limits.AdmitAsync(null, record, EvictBeyondTwo);

        Assert.False(result.IsRefused, "It was refused, but the subject had no session.");
        Assert.Empty(result.Evicted);
        var now = await LoadLiveAsync(record.Handle);
        Assert.Equal((SaveStatus.Saved, 1L, now.LastSeenAt, now.Expiry), (result.Save.Status, result.Save.Version, result.Save.LastSeenAt, result.Save.Expiry));
        Assert.Equal((subject, record.Values), (now.Subject, now.Values));
        AssertAge(TimeSpan.Zero, now.CreatedAt);
        AssertAge(TimeSpan.Zero, now.LastSeenAt);
        AssertAge(-Lifetime, now.AbsoluteExpiresAt);
        await AssertHasAsync(subject, record.Handle);
    }

    [Fact]
    public async Task Within_the_limit_a_session_is_renewed_as_any_other()
    {
        var subject = NewSubject();
        var old = await CreateAsync();
        var renewed = Renewal(old, subject);

        var result = await Limits.AdmitAsync(old.Handle, renewed, RefuseBeyondTwo);

        Assert.Equal((SaveStatus.Saved, 2L), (result.Save.Status, result.Save.Version));
        await AssertNotThereAsync(old.Handle);
        Assert.Equal(renewed.Values, (await LoadLiveAsync(renewed.Handle)).Values);
        await AssertHasAsync(subject, renewed.Handle);
    }

    [Fact]
    public async Task One_session_more_than_allowed_ends_the_oldest_by_its_beginning()
    {
        var subject = NewSubject();
        var newer = await CreateAsync(Began(subject, minutesAgo: 10));
        var oldest = await CreateAsync(Began(subject, minutesAgo: 20));
        await Harness.AdvanceAsync(TimeSpan.FromMinutes(1));
        await SaveAsync(oldest.Handle, Set(("seen", "most recently")));
        var record = NewRecord(subject);

        var result = await Limits.AdmitAsync(null, record, EvictBeyondTwo);

        Assert.Equal(SaveStatus.Saved, result.Save.Status);
        Assert.Equal([oldest.Handle], result.Evicted);
        await AssertNotThereAsync(oldest.Handle);
        Assert.Equal(SaveResult.Gone, await Store.SaveAsync(oldest.Handle, SessionChanges.Touch));
        await AssertHasAsync(subject, newer.Handle, record.Handle);
    }

    [Fact]
    public async Task A_limit_that_was_lowered_ends_as_many_as_it_takes()
    {
        var subject = NewSubject();
        var sessions = new List<SessionHandle>();
        for (var i = 0; i < 5; i++)
        {
            sessions.Add((await CreateAsync(Began(subject, minutesAgo: 60 - i))).Handle);
        }

        var record = NewRecord(subject);
        var result = await Limits.AdmitAsync(null, record, EvictBeyondTwo);

        Assert.Equal(sessions.Take(4).Order(), result.Evicted.Order());
        await AssertHasAsync(subject, sessions[4], record.Handle);
    }

    [Fact]
    public async Task One_session_more_than_allowed_can_be_refused_and_nothing_changes()
    {
        var subject = NewSubject();
        var there = new[] { await CreateAsync(subject), await CreateAsync(subject) };
        var anonymous = await CreateAsync();
        var (created, renewed) = (NewRecord(subject), Renewal(anonymous, subject));

        Assert.True((await Limits.AdmitAsync(null, created, RefuseBeyondTwo)).IsRefused, "A third session was not refused.");
        var refused = await Limits.AdmitAsync(anonymous.Handle, renewed, RefuseBeyondTwo);

        Assert.True(refused.IsRefused, "A renewal into a third session was not refused.");
        Assert.Empty(refused.Evicted);
        await AssertNotThereAsync(created.Handle);
        await AssertNotThereAsync(renewed.Handle);
        await AssertUnchangedAsync(anonymous);
        await AssertUnchangedAsync(there[0]);
        await AssertUnchangedAsync(there[1]);
        await AssertHasAsync(subject, there[0].Handle, there[1].Handle);
    }

    [Theory]
    [InlineData(SubjectLimitRule.EvictOldest)]
    [InlineData(SubjectLimitRule.RefuseNewest)]
    public async Task The_session_that_is_renewed_does_not_count(SubjectLimitRule rule)
    {
        var subject = NewSubject();
        var old = await CreateAsync(subject);
        var other = await CreateAsync(subject);
        var renewed = Renewal(old);

        var result = await Limits.AdmitAsync(old.Handle, renewed, new SubjectLimit(2, rule));

        Assert.False(result.IsRefused, "It was refused: the session that is renewed was counted.");
        Assert.Equal(SaveStatus.Saved, result.Save.Status);
        Assert.Empty(result.Evicted);
        await AssertHasAsync(subject, other.Handle, renewed.Handle);
    }

    [Fact]
    public async Task Sessions_of_others_and_sessions_that_are_over_do_not_count()
    {
        var subject = NewSubject();
        await CreateAsync(subject, SessionExpiry.Idle(TimeSpan.FromMinutes(1)));
        await CreateAsync(subject, SessionExpiry.Idle(TimeSpan.FromMinutes(1)));
        await Harness.AdvanceAsync(TimeSpan.FromMinutes(2));
        var deleted = await CreateAsync(subject);
        await Store.DeleteAsync(deleted.Handle);
        await CreateAsync(NewSubject());
        await CreateAsync();

        foreach (var record in new[] { NewRecord(subject), NewRecord(subject) })
        {
            var result = await Limits.AdmitAsync(null, record, RefuseBeyondTwo);
            Assert.False(result.IsRefused, "It was refused: sessions of others, or sessions that are over, were counted.");
            Assert.Empty(result.Evicted);
        }

        Assert.True((await Limits.AdmitAsync(null, NewRecord(subject), RefuseBeyondTwo)).IsRefused, "A third session was not refused.");
    }

    [Fact]
    public async Task An_admission_that_is_gone_or_a_conflict_ends_nobody()
    {
        var subject = NewSubject();
        var there = new[] { await CreateAsync(subject), await CreateAsync(subject) };
        var anonymous = await CreateAsync();
        var renewed = Renewal(anonymous, subject);

        var results = new[]
        {
            await Limits.AdmitAsync(NewHandle(), renewed, EvictBeyondTwo),
            await Limits.AdmitAsync(anonymous.Handle, renewed with { Version = 9 }, EvictBeyondTwo),
            await Limits.AdmitAsync(anonymous.Handle, renewed with { Handle = there[0].Handle }, EvictBeyondTwo),
            await Limits.AdmitAsync(null, NewRecord(subject) with { Handle = anonymous.Handle }, EvictBeyondTwo),
        };

        Assert.Equal(
            [SaveStatus.Gone, SaveStatus.Conflict, SaveStatus.Conflict, SaveStatus.Conflict],
            results.Select(static result => result.Save.Status));
        Assert.All(results, static result => Assert.False(result.IsRefused, "What is gone or a conflict was reported as refused."));
        Assert.All(results, static result => Assert.Empty(result.Evicted));
        await AssertNotThereAsync(renewed.Handle);
        await AssertUnchangedAsync(anonymous);
        await AssertHasAsync(subject, there[0].Handle, there[1].Handle);
        await AssertUnchangedAsync(there[0]);
        await AssertUnchangedAsync(there[1]);
    }

    [Theory]
    [InlineData(SubjectLimitRule.EvictOldest)]
    [InlineData(SubjectLimitRule.RefuseNewest)]
    public async Task Concurrent_sign_ins_never_give_a_subject_more_than_allowed(SubjectLimitRule rule)
    {
        await RepeatAsync(Math.Max(Harness.RaceRounds / 4, 10), async _ =>
        {
            var subject = NewSubject();
            var anonymous = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => CreateAsync()));
            var sessions = Enumerable.Range(0, 6).Select(i => i < 3 ? Renewal(anonymous[i], subject) : NewRecord(subject)).ToArray();
            var results = new AdmitResult[sessions.Length];
            var most = 0;

            await RaceAsync(
            [
                .. Enumerable.Range(0, sessions.Length).Select(i => (Func<Task>)(async () =>
                    results[i] = await Limits.AdmitAsync(i < 3 ? anonymous[i].Handle : null, sessions[i], new SubjectLimit(2, rule)))),
                async () => most = (await Subjects.FindBySubjectAsync(subject, 100)).Records.Count,
            ]);

            var admitted = sessions.Where((_, i) => !results[i].IsRefused).Select(static session => session.Handle).ToList();
            var evicted = results.SelectMany(static result => result.Evicted).ToList();
            Assert.InRange(most, 0, 2);
            Assert.Equal(rule == SubjectLimitRule.EvictOldest ? 6 : 2, admitted.Count);
            Assert.Equal(evicted.Count, evicted.Distinct().Count());
            await AssertHasAsync(subject, [.. admitted.Except(evicted)]);
            Assert.Equal(2, admitted.Except(evicted).Count());
        });
    }

    [Fact]
    public async Task Gone_and_conflict_come_before_a_limit_that_refuses()
    {
        var subject = NewSubject();
        var there = new[] { await CreateAsync(subject), await CreateAsync(subject) };
        var anonymous = await CreateAsync();
        var renewed = Renewal(anonymous, subject);

        var results = new[]
        {
            await Limits.AdmitAsync(NewHandle(), renewed, RefuseBeyondTwo),
            await Limits.AdmitAsync(anonymous.Handle, renewed with { Version = 9 }, RefuseBeyondTwo),
            await Limits.AdmitAsync(anonymous.Handle, renewed with { Handle = there[0].Handle }, RefuseBeyondTwo),
            await Limits.AdmitAsync(null, NewRecord(subject) with { Handle = anonymous.Handle }, RefuseBeyondTwo),
        };

        Assert.Equal(
            [SaveStatus.Gone, SaveStatus.Conflict, SaveStatus.Conflict, SaveStatus.Conflict],
            results.Select(static result => result.Save.Status));
        Assert.All(results, static result => Assert.False(result.IsRefused, "What is gone or a conflict was reported as refused."));
    }

    private SessionRecord Began(string subject, int minutesAgo) => NewRecord(subject) with { CreatedAt = Now - TimeSpan.FromMinutes(minutesAgo) };
}
