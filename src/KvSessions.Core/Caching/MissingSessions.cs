using BitFaster.Caching.Lru;

namespace KvSessions;

/// <summary>
/// The handles that the store did not know a moment ago. They have a small room of their own, so that a flood of made-up ids pushes out no
/// session. Whoever adds or removes one holds the gate of its stripe.
/// </summary>
internal sealed class MissingSessions(TimeSpan maxStaleness, TimeProvider clock)
{
    private const int MaxHandles = 10_000;

    private readonly ConcurrentLru<SessionHandle, long> _askedAt = new(MaxHandles);

    /// <summary>How long a session counts as missing: a second, or no longer than the cache may be behind the store.</summary>
    public TimeSpan Period { get; } = maxStaleness < TimeSpan.FromSeconds(1) ? maxStaleness : TimeSpan.FromSeconds(1);

    public bool Contains(SessionHandle handle) =>
        _askedAt.TryGet(handle, out var askedAt) && clock.GetElapsedTime(askedAt) is var age && age >= TimeSpan.Zero && age < Period;

    public void Add(SessionHandle handle, long askedAt)
    {
        if (Period > TimeSpan.Zero)
        {
            _askedAt.AddOrUpdate(handle, askedAt);
        }
    }

    public void Remove(SessionHandle handle) => _askedAt.TryRemove(handle);

    public void Clear() => _askedAt.Clear();
}
