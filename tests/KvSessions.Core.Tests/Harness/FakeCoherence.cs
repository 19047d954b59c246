namespace KvSessions.Core.Tests;

/// <summary>The other nodes, as far as a cache knows of them.</summary>
internal sealed class FakeCoherence : ICoherence
{
    public bool IsTrusted { get; set; }

    public ICoherentCache? Cache { get; private set; }

    public List<(SessionHandle Handle, long Version)> Announced { get; } = [];

    /// <summary>Runs when something is announced.</summary>
    public Action? OnAnnounce { get; set; }

    /// <summary>What an announcement waits for.</summary>
    public Task Sent { get; set; } = Task.CompletedTask;

    public ValueTask AnnounceAsync(SessionHandle handle, long version)
    {
        OnAnnounce?.Invoke();
        Announced.Add((handle, version));
        return new(Sent);
    }

    public void Attach(ICoherentCache cache) => Cache = cache;
}
