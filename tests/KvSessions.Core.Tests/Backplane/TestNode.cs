using Microsoft.Extensions.Time.Testing;

namespace KvSessions.Core.Tests.Backplane;

/// <summary>A node with its link to the bus and a cache that remembers what it was told.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    public TestNode(FaultyBus bus, FakeTimeProvider clock, TimeSpan maxStaleness)
    {
        Link = bus.Connect();
        Coherence = new BackplaneCoherence(Link, maxStaleness, clock, Log);
        Coherence.Attach(Cache);
    }

    public BusLink Link { get; }

    public ListCache Cache { get; } = new();

    public ListLogger<BackplaneCoherence> Log { get; } = new();

    public BackplaneCoherence Coherence { get; }

    public ValueTask DisposeAsync() => Coherence.DisposeAsync();
}
