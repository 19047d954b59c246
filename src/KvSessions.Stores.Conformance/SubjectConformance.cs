using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>The sessions of a subject: found, all of them and no others, and ended for good.</summary>
[RequiresStore(typeof(ISubjectSessionStore))]
public abstract class SubjectConformance : SubjectTest
{
    [Fact]
    public async Task A_subject_without_sessions_has_none()
    {
        await CreateAsync();

        await AssertHasAsync(NewSubject());
        Assert.Empty(await Subjects.DeleteBySubjectAsync(NewSubject()));
    }

    [Fact]
    public async Task The_sessions_of_a_subject_are_found_whole_and_as_they_are_now()
    {
        var subject = NewSubject();
        await CreateAsync();
        await CreateAsync(NewSubject());
        var session = await CreateAsync(subject);
        await Harness.AdvanceAsync(TimeSpan.FromMinutes(1));
        await SaveAsync(session.Handle, Set(("a", "1")));

        Assert.Equal(await LoadLiveAsync(session.Handle), Assert.Single(await FindAllAsync(subject)));
    }

    [Fact]
    public async Task Pages_of_every_size_hold_each_session_once()
    {
        const int sessions = 7;
        var subject = NewSubject();
        for (var i = 0; i < sessions; i++)
        {
            await CreateAsync(subject);
        }

        for (var pageSize = 1; pageSize <= sessions + 1; pageSize++)
        {
            var found = await FindAllAsync(subject, pageSize);
            Assert.Equal(sessions, found.Select(static record => record.Handle).Distinct().Count());
            Assert.Equal(sessions, found.Count);
        }
    }

    [Fact]
    public async Task A_session_that_is_there_during_all_of_the_paging_is_on_one_page_whatever_comes_and_goes()
    {
        var subject = NewSubject();
        var stays = new List<SessionHandle>();
        var goes = new Queue<SessionHandle>();
        for (var i = 0; i < 8; i++)
        {
            stays.Add((await CreateAsync(subject)).Handle);
            goes.Enqueue((await CreateAsync(subject)).Handle);
        }

        var found = new List<SessionHandle>();
        string? continuation = null;
        do
        {
            var page = await Subjects.FindBySubjectAsync(subject, 2, continuation);
            found.AddRange(page.Records.Select(static record => record.Handle));
            continuation = page.Continuation;
            await Store.SaveAsync(stays[found.Count % stays.Count], Set(("a", "1")));
            if (goes.TryDequeue(out var gone))
            {
                await Store.DeleteAsync(gone);
                await CreateAsync(subject);
            }
        }
        while (continuation is not null && found.Count < 100);

        Assert.Equal(found.Count, found.Distinct().Count());
        Assert.Empty(stays.Except(found));
    }

    [Fact]
    public async Task Deleted_and_expired_sessions_are_not_found()
    {
        var subject = NewSubject();
        var expired = await CreateAsync(subject, SessionExpiry.Idle(TimeSpan.FromMinutes(1)));
        var lives = await CreateAsync(subject, SessionExpiry.Idle(TimeSpan.FromMinutes(3)));
        var deleted = await CreateAsync(subject, SessionExpiry.Idle(TimeSpan.FromMinutes(3)));
        await Store.DeleteAsync(deleted.Handle);
        await Harness.AdvanceAsync(TimeSpan.FromMinutes(2));

        await AssertHasAsync(subject, lives.Handle);
        Assert.Equal([lives.Handle], await Subjects.DeleteBySubjectAsync(subject));
        await AssertNotThereAsync(expired.Handle);
    }

    [Fact]
    public async Task A_renewal_moves_a_session_from_one_subject_to_another()
    {
        var (alice, bob) = (NewSubject(), NewSubject());
        var first = await CreateAsync(alice);
        var second = Renewal(first);
        await Store.RenewAsync(first.Handle, second);
        await AssertHasAsync(alice, second.Handle);

        var third = Renewal(second, bob);
        await Store.RenewAsync(second.Handle, third);
        await AssertHasAsync(alice);
        await AssertHasAsync(bob, third.Handle);

        await Store.RenewAsync(third.Handle, Renewal(third) with { Subject = null });
        await AssertHasAsync(bob);
    }

    [Fact]
    public async Task A_renewal_that_fails_leaves_the_sessions_of_both_subjects_as_they_were()
    {
        var (alice, bob) = (NewSubject(), NewSubject());
        var old = await CreateAsync(alice);
        var taken = await CreateAsync();

        await Store.RenewAsync(old.Handle, Renewal(old, bob) with { Version = 9 });
        await Store.RenewAsync(old.Handle, Renewal(old, bob) with { Handle = taken.Handle });
        await Store.RenewAsync(NewHandle(), Renewal(old, bob));

        await AssertHasAsync(alice, old.Handle);
        await AssertHasAsync(bob);
    }

    [Fact]
    public async Task A_collision_gives_a_subject_no_session()
    {
        var subject = NewSubject();
        var there = await CreateAsync();

        await Store.CreateAsync(NewRecord(subject) with { Handle = there.Handle });

        await AssertHasAsync(subject);
        Assert.Empty(await Subjects.DeleteBySubjectAsync(subject));
        await AssertUnchangedAsync(there);
    }

    [Fact]
    public async Task Ending_all_sessions_of_a_subject_ends_them_for_good_and_no_others()
    {
        var subject = NewSubject();
        var bystanders = new[] { await CreateAsync(), await CreateAsync(NewSubject()) };
        var sessions = new[] { await CreateAsync(subject), await CreateAsync(subject), await CreateAsync(subject) };

        var ended = await Subjects.DeleteBySubjectAsync(subject);

        Assert.Equal(sessions.Select(static record => record.Handle).Order(), ended.Order());
        foreach (var session in sessions)
        {
            await AssertNotThereAsync(session.Handle);
            Assert.Equal(SaveResult.Gone, await Store.SaveAsync(session.Handle, Set(("a", "1"))));
            Assert.Equal(SaveResult.Gone, await Store.RenewAsync(session.Handle, Renewal(session)));
        }

        await AssertHasAsync(subject);
        Assert.Empty(await Subjects.DeleteBySubjectAsync(subject));
        await AssertUnchangedAsync(bystanders[0]);
        await AssertUnchangedAsync(bystanders[1]);
    }

    [Fact]
    public async Task Ending_all_other_sessions_leaves_the_one()
    {
        var subject = NewSubject();
        var kept = await CreateAsync(subject);
        var others = new[] { await CreateAsync(subject), await CreateAsync(subject) };

        var ended = await Subjects.DeleteBySubjectAsync(subject, kept.Handle);

        Assert.Equal(others.Select(static record => record.Handle).Order(), ended.Order());
        await AssertUnchangedAsync(kept);
        await AssertHasAsync(subject, kept.Handle);
        Assert.Equal([kept.Handle], await Subjects.DeleteBySubjectAsync(subject, NewHandle()));
    }

    [Fact]
    public async Task A_subject_can_sign_in_again_after_all_its_sessions_have_ended()
    {
        var subject = NewSubject();
        await CreateAsync(subject);
        await Subjects.DeleteBySubjectAsync(subject);

        var again = await CreateAsync(subject);

        await AssertHasAsync(subject, again.Handle);
    }

    [Fact]
    public async Task Subjects_are_compared_character_by_character()
    {
        string[] subjects = ["alice", "Alice", "alice ", " alice", "alic", "alice2", "al%", "al_ce", "al*", "caf\u00e9", "cafe\u0301", "\u00df", "ss"];
        var handles = new Dictionary<string, SessionHandle>();
        foreach (var subject in subjects)
        {
            handles[subject] = (await CreateAsync(subject)).Handle;
        }

        foreach (var subject in subjects)
        {
            await AssertHasAsync(subject, handles[subject]);
        }

        foreach (var subject in subjects)
        {
            Assert.Equal([handles[subject]], await Subjects.DeleteBySubjectAsync(subject));
        }
    }

    [Fact]
    public async Task Ending_all_sessions_but_one_that_is_somebody_elses_ends_them_all_and_not_that_one()
    {
        var subject = NewSubject();
        var (session, other) = (await CreateAsync(subject), await CreateAsync(NewSubject()));

        Assert.Equal([session.Handle], await Subjects.DeleteBySubjectAsync(subject, other.Handle));

        await AssertUnchangedAsync(other);
    }

    [Fact]
    public async Task A_subject_with_very_many_sessions_has_and_loses_them_all()
    {
        const int sessions = 150;
        var subject = NewSubject();
        var handles = new List<SessionHandle>();
        for (var i = 0; i < sessions; i++)
        {
            var record = NewRecord(subject, values: SessionValues.Empty);
            await Store.CreateAsync(record);
            handles.Add(record.Handle);
        }

        await AssertHasAsync(subject, [.. handles]);
        Assert.Equal(handles.Order(), (await Subjects.DeleteBySubjectAsync(subject)).Order());
        await AssertHasAsync(subject);
    }
}
