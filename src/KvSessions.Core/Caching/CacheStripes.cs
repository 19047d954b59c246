namespace KvSessions;

/// <summary>The stripes of a cache.</summary>
internal sealed class CacheStripes
{
    private const int Count = 1024;

    // Close together, because every read looks at one of them.
    private readonly int[] _writes = new int[Count];

    private readonly CacheStripe[] _stripes;

    public CacheStripes() => _stripes = [.. Enumerable.Range(0, Count).Select(index => new CacheStripe(_writes, index))];

    /// <summary>Whether a write of any session is under way.</summary>
    public bool IsAnyBeingWritten => Array.Exists(_stripes, static stripe => stripe.IsBeingWritten);

    public CacheStripe Of(SessionHandle handle) => _stripes[IndexOf(handle)];

    /// <summary><see cref="CacheStripe.IsBeingWritten"/> of the session's stripe.</summary>
    public bool IsBeingWritten(SessionHandle handle) => Volatile.Read(ref _writes[IndexOf(handle)]) > 0;

    private static int IndexOf(SessionHandle handle) => handle.GetHashCode() & (Count - 1);
}
