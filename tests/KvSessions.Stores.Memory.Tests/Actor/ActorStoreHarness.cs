using KvSessions.Stores.Conformance;

namespace KvSessions.Stores.Memory.Tests;

internal sealed class ActorStoreHarness : LocalClockHarness
{
    private readonly ActorStore _store;

    public ActorStoreHarness() => _store = new ActorStore(timeProvider: Clock);

    public override ISessionStore Store => _store;

    public override async ValueTask DisposeAsync()
    {
        // Once every session is over, nothing may be left of it, not even an entry of its subject.
        await AdvanceAsync(2 * SessionExpiry.Longest);
        await _store.DeleteExpiredAsync(int.MaxValue);
        Assert.Equal((0, 0), await _store.CountAsync());
        await _store.DisposeAsync();
        await base.DisposeAsync();
    }
}
