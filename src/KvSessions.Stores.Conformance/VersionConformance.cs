using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>Versions: what a store says of the version alone is what it would load.</summary>
[RequiresStore(typeof(IVersionedSessionStore))]
public abstract class VersionConformance : ConformanceTest
{
    private IVersionedSessionStore Versions => StoreAs<IVersionedSessionStore>();

    [Fact]
    public async Task The_version_is_that_of_the_record_after_each_kind_of_write()
    {
        var session = await CreateAsync(NewSubject());
        await AssertVersionAsync(1, session.Handle);

        await SaveAsync(session.Handle, Set(("a", "1")));
        await AssertVersionAsync(2, session.Handle);

        await SaveAsync(session.Handle, SessionChanges.Touch);
        await AssertVersionAsync(2, session.Handle);

        await SaveAsync(session.Handle, new() { Expiry = SessionExpiry.In(TimeSpan.FromHours(1)) });
        await AssertVersionAsync(3, session.Handle);

        var renewed = Renewal(await LoadLiveAsync(session.Handle));
        await Store.RenewAsync(session.Handle, renewed);
        await AssertVersionAsync(4, renewed.Handle);
        await AssertVersionAsync(null, session.Handle);
    }

    [Fact]
    public async Task What_is_not_there_has_no_version()
    {
        var session = await CreateAsync();
        await AssertVersionAsync(null, NewHandle());

        await Store.DeleteAsync(session.Handle);

        await AssertVersionAsync(null, session.Handle);
    }

    [Fact]
    public async Task A_session_without_keys_has_a_version() =>
        await AssertVersionAsync(1, (await CreateAsync(values: SessionValues.Empty)).Handle);

    [Fact]
    public async Task An_expired_session_has_no_version_whether_idle_or_at_its_end()
    {
        var idle = await CreateAsync(expiry: SessionExpiry.Idle(IdleTimeout));
        var ending = await CreateAsync(expiry: SessionExpiry.In(IdleTimeout));
        await Harness.AdvanceAsync(IdleTimeout - Edge);
        await AssertVersionAsync(1, idle.Handle);
        await AssertVersionAsync(1, ending.Handle);

        await Harness.AdvanceAsync(Edge);

        await AssertVersionAsync(null, idle.Handle);
        await AssertVersionAsync(null, ending.Handle);
    }

    [Fact]
    public async Task Asking_for_the_version_does_not_keep_a_session_alive()
    {
        var session = await CreateAsync(expiry: SessionExpiry.Idle(IdleTimeout));
        await Harness.AdvanceAsync(IdleTimeout / 2);
        await AssertVersionAsync(1, session.Handle);

        await Harness.AdvanceAsync(IdleTimeout / 2);

        await AssertVersionAsync(null, session.Handle);
    }

    [Fact]
    public async Task A_cancelled_call_throws()
    {
        var session = await CreateAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Versions.LoadVersionAsync(session.Handle, new CancellationToken(canceled: true)));
    }

    private async Task AssertVersionAsync(long? expected, SessionHandle handle)
    {
        var version = await Versions.LoadVersionAsync(handle);
        Assert.True(expected == version, $"LoadVersionAsync said {Say(version)} of a session that has {Say(expected)}.");
    }

    private static string Say(long? version) => version is null ? "no version" : $"version {version}";
}
