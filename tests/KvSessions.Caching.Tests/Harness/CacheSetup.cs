namespace KvSessions.Caching.Tests;

/// <summary>The caches of a test: what is the same on all of its nodes.</summary>
internal sealed class CacheSetup
{
    /// <summary>Puts the caches of one node before a store.</summary>
    public required Func<ISessionStore, TimeProvider, ISessionStore> Open { get; init; }

    /// <summary>Whether the caches are emptied when the clock is moved.</summary>
    public bool Moves { get; init; }

    /// <summary>Empties the cache that the nodes share, if they do.</summary>
    public Func<ValueTask> ForgetShared { get; init; } = static () => ValueTask.CompletedTask;

    /// <summary>Ends the store that serves as the shared cache.</summary>
    public Func<ValueTask> Close { get; init; } = static () => ValueTask.CompletedTask;
}
