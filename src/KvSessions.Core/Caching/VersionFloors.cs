using BitFaster.Caching.Lru;

namespace KvSessions;

/// <summary>
/// Versions that sessions are known to have reached, for what a shared cache holds may be older; <see cref="long.MaxValue"/> for those that
/// have ended. Whoever raises one holds the gate of its stripe.
/// </summary>
internal sealed class VersionFloors
{
    private const int MaxHandles = 10_000;

    private readonly ConcurrentLru<SessionHandle, long> _versions = new(MaxHandles);

    public long Of(SessionHandle handle) => _versions.TryGet(handle, out var version) ? version : 0;

    public void Raise(SessionHandle handle, long version)
    {
        if (Of(handle) < version)
        {
            _versions.AddOrUpdate(handle, version);
        }
    }
}
