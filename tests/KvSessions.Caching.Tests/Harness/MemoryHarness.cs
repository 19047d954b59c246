using KvSessions.Stores.Conformance;
using KvSessions.Stores.Memory;

namespace KvSessions.Caching.Tests;

internal sealed class MemoryHarness : LocalClockHarness
{
    public MemoryHarness() => Store = new MemoryStore(timeProvider: Clock);

    public override ISessionStore Store { get; }
}
