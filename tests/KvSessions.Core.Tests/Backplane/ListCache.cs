using System.Collections.Concurrent;

namespace KvSessions.Core.Tests.Backplane;

/// <summary>A cache that holds nothing and remembers what it was told.</summary>
internal sealed class ListCache : ICoherentCache
{
    public ConcurrentQueue<(SessionHandle Handle, long Version)> Outdated { get; } = new();

    public int Flushes { get; private set; }

    public bool IsInDoubt { get; set; }

    public void Outdate(SessionHandle handle, long version) => Outdated.Enqueue((handle, version));

    public void Flush() => Flushes++;
}
