namespace KvSessions.Tests;

/// <summary>A backplane in memory, to which every node has a link of its own that faults can be planted into.</summary>
/// <remarks>Without faults a message is delivered before its publishing returns, on the thread that publishes.</remarks>
public sealed class FaultyBus(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private BusLink[] _links = [];

    /// <summary>A link for one more node.</summary>
    public BusLink Connect()
    {
        var link = new BusLink(clock, Deliver);
        lock (_gate)
        {
            _links = [.. _links, link];
        }

        return link;
    }

    /// <summary>Brings a message to every link, as a node, or somebody else, would.</summary>
    public void Deliver(ReadOnlyMemory<byte> message)
    {
        foreach (var link in Volatile.Read(ref _links))
        {
            link.Receive(message);
        }
    }
}
