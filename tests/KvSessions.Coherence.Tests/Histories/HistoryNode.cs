using Microsoft.Extensions.Logging.Abstractions;

namespace KvSessions.Coherence.Tests.Histories;

/// <summary>A node in the process of the test: its cache over the store of all, and its link to the bus.</summary>
internal sealed class HistoryNode
{
    public HistoryNode(ISessionStore store, FaultyBus bus, TimeProvider clock, TimeSpan maxStaleness)
    {
        Store = new HeldStore(store);
        Link = bus.Connect();
        Coherence = new BackplaneCoherence(Link, maxStaleness, clock, NullLogger<BackplaneCoherence>.Instance);
        Cache = CachedSessionStore.InMemory(
            Store, new SessionCacheOptions { MaxStaleness = maxStaleness, MaxEntries = 100 }, clock, Coherence, new CacheFigures(null, "history"), History.OperationTimeout);
        Coherence.Start();
    }

    public HeldStore Store { get; }

    public BusLink Link { get; }

    public BackplaneCoherence Coherence { get; }

    public CachedSessionStore Cache { get; }
}
