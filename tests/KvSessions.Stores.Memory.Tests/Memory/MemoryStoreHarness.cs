using KvSessions.Stores.Conformance;

namespace KvSessions.Stores.Memory.Tests;

internal sealed class MemoryStoreHarness : LocalClockHarness
{
    private readonly MemoryStore _store;

    public MemoryStoreHarness() => _store = new MemoryStore(timeProvider: Clock);

    public override ISessionStore Store => _store;

    public override async ValueTask DisposeAsync()
    {
        // Once every session is over, nothing may be left of it: neither a slot, nor a count, nor an entry of its subject.
        await AdvanceAsync(2 * SessionExpiry.Longest);
        await _store.DeleteExpiredAsync(int.MaxValue);
        Assert.Equal((0, 0), (_store.Count, _store.SubjectCount));
        await base.DisposeAsync();
    }
}
