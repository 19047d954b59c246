using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>Ending a subject's sessions while they are in use: each is ended, or it came after.</summary>
[RequiresStore(typeof(ISubjectSessionStore))]
public abstract class SubjectRaceConformance : SubjectTest
{
    [Fact]
    public async Task A_session_that_is_renewed_meanwhile_does_not_escape()
    {
        await RepeatAsync(Harness.RaceRounds, async _ =>
        {
            var subject = NewSubject();
            var old = await CreateAsync(subject);
            var renewed = Renewal(old);
            var renewal = SaveResult.Conflict;
            IReadOnlyList<SessionHandle> ended = [];

            await RaceAsync(
                async () => renewal = await Store.RenewAsync(old.Handle, renewed),
                async () => ended = await Subjects.DeleteBySubjectAsync(subject));

            Assert.Equal([renewal.Status == SaveStatus.Saved ? renewed.Handle : old.Handle], ended);
            await AssertNotThereAsync(old.Handle);
            await AssertNotThereAsync(renewed.Handle);
            await AssertHasAsync(subject);
        });
    }

    [Fact]
    public async Task A_session_that_signs_in_meanwhile_is_ended_or_comes_after()
    {
        await RepeatAsync(Harness.RaceRounds, async _ =>
        {
            var subject = NewSubject();
            var anonymous = await CreateAsync();
            var (signedIn, created) = (Renewal(anonymous, subject), NewRecord(subject));
            IReadOnlyList<SessionHandle> ended = [];

            await RaceAsync(
                async () => Assert.Equal(SaveStatus.Saved, (await Store.RenewAsync(anonymous.Handle, signedIn)).Status),
                async () => Assert.True(await Store.CreateAsync(created), "A session with a new handle was not created."),
                async () => ended = await Subjects.DeleteBySubjectAsync(subject));

            SessionHandle[] both = [signedIn.Handle, created.Handle];
            foreach (var handle in both)
            {
                Assert.Equal(ended.Contains(handle), await Store.LoadAsync(handle) is null);
            }

            await AssertHasAsync(subject, [.. both.Except(ended)]);
        });
    }

    [Fact]
    public async Task A_save_meanwhile_does_not_save_a_session_from_its_end()
    {
        await RepeatAsync(Harness.RaceRounds, async _ =>
        {
            var subject = NewSubject();
            var session = await CreateAsync(subject);
            IReadOnlyList<SessionHandle> ended = [];

            await RaceAsync(
                async () => await Store.SaveAsync(session.Handle, Set(("a", "1"))),
                async () => await Store.SaveAsync(session.Handle, SessionChanges.Touch),
                async () => ended = await Subjects.DeleteBySubjectAsync(subject));

            Assert.Equal([session.Handle], ended);
            await AssertNotThereAsync(session.Handle);
            await AssertHasAsync(subject);
        });
    }

    [Fact]
    public async Task A_session_that_is_deleted_meanwhile_is_ended_by_one_of_the_two()
    {
        await RepeatAsync(Harness.RaceRounds, async _ =>
        {
            var subject = NewSubject();
            var session = await CreateAsync(subject);
            var deleted = false;
            IReadOnlyList<SessionHandle> ended = [];

            await RaceAsync(
                async () => deleted = await Store.DeleteAsync(session.Handle),
                async () => ended = await Subjects.DeleteBySubjectAsync(subject));

            Assert.Equal(deleted ? 0 : 1, ended.Count);
            await AssertNotThereAsync(session.Handle);
            await AssertHasAsync(subject);
        });
    }
}
