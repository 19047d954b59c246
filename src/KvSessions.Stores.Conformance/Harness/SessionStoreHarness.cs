namespace KvSessions.Stores.Conformance;

/// <summary>
/// What the suite needs to know about a store: how to get one, how to move the clock that decides for it, and, where the store can do
/// that, how to close and open it and how to make it fail. A harness is made for each test and starts with an empty store.
/// </summary>
public abstract class SessionStoreHarness : IAsyncDisposable
{
    /// <summary>
    /// The store under test, empty at first and ready for use (its schema in place). <see cref="ReopenAsync"/> may make it another instance.
    /// </summary>
    public abstract ISessionStore Store { get; }

    /// <summary>The time by the clock that decides for the store, as exactly as the harness can tell (<see cref="ClockDrift"/>).</summary>
    public abstract DateTimeOffset Now { get; }

    /// <summary>
    /// Moves the clock that decides by <paramref name="by"/> against the records. It does not matter which of the two moves: no test
    /// compares a time from before with one from after. A negative <paramref name="by"/> turns the clock back, as a correction of a clock does.
    /// </summary>
    public abstract ValueTask AdvanceAsync(TimeSpan by);

    /// <summary>The smallest step in which the store keeps times. One tick by default; less than a second.</summary>
    public virtual TimeSpan ClockResolution => TimeSpan.FromTicks(1);

    /// <summary>
    /// How far <see cref="Now"/> may be off, or the clock may run on its own during a test. Zero by default, for a clock that stands
    /// still until it is moved; up to half a minute for a server's clock, whose tests then keep that far from the moment of expiry.
    /// </summary>
    public virtual TimeSpan ClockDrift => TimeSpan.Zero;

    /// <summary>How often a race is repeated. 100 by default; fewer for a store across a network, at least 10.</summary>
    public virtual int RaceRounds => 100;

    /// <summary>Closes the store and opens it again, as a restart of the process or of the server does. For <see cref="DurabilityConformance"/>.</summary>
    /// <exception cref="NotSupportedException">The store is not durable; the default.</exception>
    public virtual ValueTask ReopenAsync() =>
        throw new NotSupportedException($"{GetType().Name} does not reopen its store, so it cannot run {nameof(DurabilityConformance)}.");

    /// <summary>
    /// Makes every call of the store fail, as when its server is unreachable, until <see cref="MendAsync"/>: nothing that is stored may
    /// be lost by it. For <see cref="OutageConformance"/>.
    /// </summary>
    /// <exception cref="NotSupportedException">The store cannot be broken; the default.</exception>
    public virtual ValueTask BreakAsync() =>
        throw new NotSupportedException($"{GetType().Name} does not break its store, so it cannot run {nameof(OutageConformance)}.");

    /// <summary>Ends what <see cref="BreakAsync"/> began. For <see cref="OutageConformance"/>.</summary>
    /// <exception cref="NotSupportedException">The store cannot be broken; the default.</exception>
    public virtual ValueTask MendAsync() =>
        throw new NotSupportedException($"{GetType().Name} does not mend its store, so it cannot run {nameof(OutageConformance)}.");

    /// <summary>
    /// Opens the store once more, as another node does: on the same data and by the same clock. The harness disposes it. For
    /// <see cref="NodeConformance"/>.
    /// </summary>
    /// <exception cref="NotSupportedException">The store is for one node; the default.</exception>
    public virtual ValueTask<ISessionStore> OpenNodeAsync() =>
        throw new NotSupportedException($"{GetType().Name} opens no second node, so it cannot run {nameof(NodeConformance)}.");

    /// <summary>
    /// Makes the stored values of a session such that this version cannot read them, as if a newer one had written them: for example, sets
    /// their format byte to 255. What is stored beside them (subject, times, version) may stay as it is. For <see cref="CorruptionConformance"/>.
    /// </summary>
    /// <exception cref="NotSupportedException">The store keeps no bytes that could be damaged; the default.</exception>
    public virtual ValueTask DamageAsync(SessionHandle handle) =>
        throw new NotSupportedException($"{GetType().Name} does not damage sessions, so it cannot run {nameof(CorruptionConformance)}.");

    /// <summary>Undoes just what <see cref="DamageAsync"/> did: whatever was changed since stays changed. For <see cref="CorruptionConformance"/>.</summary>
    /// <exception cref="NotSupportedException">The store keeps no bytes that could be damaged; the default.</exception>
    public virtual ValueTask RepairAsync(SessionHandle handle) =>
        throw new NotSupportedException($"{GetType().Name} does not repair sessions, so it cannot run {nameof(CorruptionConformance)}.");

    /// <summary>Removes what the test left: files, schemas, keys, connections.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
