using System.Collections.Concurrent;

namespace KvSessions.Coherence.Tests.Backplanes;

/// <summary>A node whose cache holds nothing and remembers what it was told.</summary>
internal sealed class CoherentNode : ICoherentCache, IAsyncDisposable
{
    private int _flushes;

    public CoherentNode(BackplaneCoherence coherence)
    {
        Coherence = coherence;
        coherence.Attach(this);
        coherence.Start();
    }

    public BackplaneCoherence Coherence { get; }

    public ConcurrentQueue<(SessionHandle Handle, long Version)> Outdated { get; } = new();

    public bool IsInDoubt => false;

    public int Flushes => Volatile.Read(ref _flushes);

    public void Outdate(SessionHandle handle, long version) => Outdated.Enqueue((handle, version));

    public void Flush() => Interlocked.Increment(ref _flushes);

    public ValueTask DisposeAsync() => Coherence.DisposeAsync();
}
