using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>Deleting: a session ends once, and for good.</summary>
public abstract class DeleteConformance : ConformanceTest
{
    [Fact]
    public async Task A_deleted_session_is_not_there()
    {
        var session = await CreateAsync(NewSubject());

        Assert.True(await Store.DeleteAsync(session.Handle), "DeleteAsync said false, but the session was there.");

        await AssertNotThereAsync(session.Handle);
    }

    [Fact]
    public async Task A_session_is_deleted_once()
    {
        var session = await CreateAsync();
        await Store.DeleteAsync(session.Handle);

        Assert.False(await Store.DeleteAsync(session.Handle), "DeleteAsync said true, but the session had been deleted before.");
        Assert.False(await Store.DeleteAsync(NewHandle()), "DeleteAsync said true, but there never was such a session.");
    }

    [Fact]
    public async Task An_expired_session_is_not_there_to_be_deleted()
    {
        var session = await CreateAsync();
        await Harness.AdvanceAsync(IdleTimeout);

        Assert.False(await Store.DeleteAsync(session.Handle), "DeleteAsync said true, but the session had expired.");
    }

    [Fact]
    public async Task A_deletion_leaves_other_sessions_alone()
    {
        var subject = NewSubject();
        var other = await CreateAsync(subject);
        var session = await CreateAsync(subject);

        await Store.DeleteAsync(session.Handle);

        await AssertUnchangedAsync(other);
    }

    [Fact]
    public async Task Of_concurrent_deletions_exactly_one_ends_the_session()
    {
        await RepeatAsync(Harness.RaceRounds, async round =>
        {
            var session = await CreateAsync(round % 2 == 0 ? null : NewSubject());
            var deleted = new bool[3];

            await RaceAsync([.. Enumerable.Range(0, deleted.Length).Select(i => (Func<Task>)(async () =>
                deleted[i] = await Store.DeleteAsync(session.Handle)))]);

            AssertOne(deleted, true, "deletions of one session said that they ended it");
            await AssertNotThereAsync(session.Handle);
        });
    }
}
