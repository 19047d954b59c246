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

    /// <summary>Notes the version that a session has, as the newest load says.</summary>
    public void Set(SessionHandle handle, long version)
    {
        if (Of(handle) != 0)
        {
            _versions.AddOrUpdate(handle, version);
        }
    }
}
