using KvSessions.Stores.Conformance;

namespace KvSessions.Caching.Tests;

/// <summary>The clock of a node that is as right as that of its store, wherever the harness has moved that.</summary>
internal sealed class HarnessClock(SessionStoreHarness harness) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => harness.Now;
}
