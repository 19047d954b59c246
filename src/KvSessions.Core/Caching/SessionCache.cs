namespace KvSessions;

/// <summary>
/// What a <see cref="CachedSessionStore"/> keeps, and the rules that keep a read through it as good as one of the store behind it, for all
/// that is written on this node.
/// </summary>
/// <remarks>
/// <para>A write is begun here, goes to the store, is noted here, and ends; only then does its caller hear of it. While it is under way,
/// reads of its session go to the store: that may have carried it out already, and somebody may know. Whatever was being loaded when the
/// write began is not kept.</para>
/// <para>A write of which nobody knows whether it was or will be applied leaves a doubt (<see cref="Doubts"/>).</para>
/// </remarks>
internal abstract class SessionCache
{
    /// <summary>As much as a statement goes on for after its caller has given it up (PostgreSQL: ten seconds), and then some.</summary>
    public static readonly TimeSpan DoubtPeriod = TimeSpan.FromSeconds(15);

    private readonly CacheStripes _stripes = new();
    private readonly CachedSessionStore? _cachedInner;
    private readonly TimeSpan _joinPeriod;

    // How long a read waits for the store while there is something else to answer with.
    private readonly TimeSpan _patience;
    private long _epoch;

    protected SessionCache(
        ISessionStore inner, TimeSpan maxStaleness, TimeSpan doubtPeriod, TimeSpan operationTimeout, TimeProvider clock, CacheFigures figures)
    {
        (Inner, MaxStaleness, Clock, Figures) = (inner, maxStaleness, clock, figures);
        _cachedInner = inner as CachedSessionStore;
        _joinPeriod = maxStaleness < operationTimeout ? maxStaleness : operationTimeout;
        _patience = operationTimeout / 2;
        Doubts = new Doubts(doubtPeriod, clock);
        Missing = new MissingSessions(maxStaleness, clock);
    }

    /// <summary>How long what is held may go on being served since the store was last asked about it.</summary>
    public TimeSpan MaxStaleness { get; }

    /// <summary>The store that serves as the cache, if one does.</summary>
    public virtual ISessionStore? Store => null;

    protected ISessionStore Inner { get; }

    /// <summary>Whether the store behind this cache has a cache too.</summary>
    protected bool IsOverCache => _cachedInner is not null;

    protected TimeProvider Clock { get; }

    protected CacheFigures Figures { get; }

    protected Doubts Doubts { get; }

    protected MissingSessions Missing { get; }

    protected Revocations Revocations { get; } = new();

    /// <summary>Whether a write of any session is under way.</summary>
    protected bool IsAnyBeingWritten => Revocations.Subjects.Length > 0 || _stripes.IsAnyBeingWritten;

    /// <summary>How often the cache was flushed.</summary>
    protected long Epoch => Volatile.Read(ref _epoch);

    /// <summary>What can be answered at once, and counted as such; <see langword="null"/> if the store has to be asked, or the caller has gone.</summary>
    /// <inheritdoc cref="LoadAsync"/>
    public SessionRecord? Hit(SessionHandle handle, long atLeast, CancellationToken ct)
    {
        if (ct.IsCancellationRequested || Find(handle, atLeast) is not { } record)
        {
            return null;
        }

        Figures.Hit();
        return record;
    }

    /// <param name="handle">The session.</param>
    /// <param name="atLeast">The version that the caller knows of: an older one is no answer, unless the store itself gives it.</param>
    /// <param name="ct">Ends the caller's wait.</param>
    public ValueTask<SessionRecord?> LoadAsync(SessionHandle handle, long atLeast, CancellationToken ct) =>
        Hit(handle, atLeast, ct) is { } record ? new(record) : LoadMissAsync(handle, atLeast, ct);

    /// <summary>Goes on where <see cref="Hit"/> found nothing.</summary>
    /// <inheritdoc cref="LoadAsync"/>
    public async ValueTask<SessionRecord?> LoadMissAsync(SessionHandle handle, long atLeast, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var stripe = StripeOf(handle);
        SharedLoad? load = null;
        var isMine = false;
        lock (stripe.Gate)
        {
            if (!stripe.IsBeingWritten)
            {
                if (atLeast == 0 && Missing.Contains(handle))
                {
                    Figures.Hit();
                    return null;
                }

                load = JoinOrBegin(stripe, handle, atLeast, out isMine);
            }
        }

        var patience = FindStale(handle, atLeast) is null ? Timeout.InfiniteTimeSpan : _patience;
        try
        {
            if (load is null)
            {
                return await LoadPastAsync(handle, atLeast, ct).AsTask().WaitAsync(patience, Clock, ct).ConfigureAwait(false);
            }

            if (isMine)
            {
                _ = RunAsync(load);
            }

            return await load.WaitAsync(patience, Clock, ct).ConfigureAwait(false);
        }
        catch (Exception fault) when (IsUnavailable(fault) && FindStale(handle, atLeast) is { } stale)
        {
            Figures.StaleAnswer();
            return stale;
        }
        catch (TimeoutException) when (patience != Timeout.InfiniteTimeSpan)
        {
            throw new SessionStoreException(
                SessionStoreError.TimedOut, $"The store did not answer within {patience}, and the cache has lost meanwhile what it would have answered instead.");
        }
    }

    /// <summary>Begins a write of a session.</summary>
    public PendingWrite BeginWrite(SessionHandle handle)
    {
        StripeOf(handle).BeginWrite();
        return new(handle, Clock.GetTimestamp(), Epoch);
    }

    public void EndWrite(PendingWrite write) => StripeOf(write.Handle).EndWrite();

    /// <summary>Begins to end sessions of a subject.</summary>
    public void BeginRevocation(string subject) => Revocations.Begin(subject);

    public void EndRevocation(string subject) => Revocations.End(subject);

    /// <summary>Notes what the store said to a save.</summary>
    public abstract ValueTask SavedAsync(PendingWrite write, SessionChanges changes, SaveResult result);

    /// <summary>Notes that a session has ended.</summary>
    public abstract ValueTask EndedAsync(SessionHandle handle);

    /// <summary>Notes that a session is not what it may be held to be.</summary>
    public abstract ValueTask DroppedAsync(SessionHandle handle);

    /// <summary>Notes that the store says a session is not there, which somebody else may have ended.</summary>
    public virtual ValueTask GoneAsync(SessionHandle handle) => DroppedAsync(handle);

    /// <summary>A deletion found nothing: if somebody else has ended the session, not everybody may have heard of it yet.</summary>
    public virtual ValueTask FoundEndedAsync(SessionHandle handle) => GoneAsync(handle);

    /// <summary>Notes that a session is there, if it is not known to have been a moment ago.</summary>
    public virtual ValueTask AppearedAsync(SessionHandle handle)
    {
        lock (StripeOf(handle).Gate)
        {
            Missing.Remove(handle);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Notes what somebody was told of a session past the cache: nobody may be told anything older afterwards.</summary>
    public abstract void Saw(SessionHandle handle, SessionRecord? record);

    /// <summary>Notes that nobody knows what has become of a write, which may have been a mere touch.</summary>
    public virtual ValueTask DoubtAsync(SessionHandle handle, bool isTouch)
    {
        Doubts.Add(handle);
        lock (StripeOf(handle).Gate)
        {
            Missing.Remove(handle);
        }

        return DroppedAsync(handle);
    }

    /// <summary>Notes that nobody knows which sessions have ended.</summary>
    public virtual ValueTask DoubtAllAsync()
    {
        Doubts.AddAll();
        NextEpoch();
        return ValueTask.CompletedTask;
    }

    /// <summary>What can be answered at once; <see langword="null"/> if the store has to be asked.</summary>
    protected abstract SessionRecord? Find(SessionHandle handle, long atLeast);

    /// <summary>What can be answered when the store cannot be asked.</summary>
    protected virtual SessionRecord? FindStale(SessionHandle handle, long atLeast) => null;

    /// <summary>The newest version that anybody was told of here, as far as that is remembered.</summary>
    protected abstract long LatestKnown(SessionHandle handle);

    /// <summary>Asks, and keeps what comes of it, if that is still right by then.</summary>
    protected abstract ValueTask<SessionRecord?> FetchAsync(SharedLoad load);

    protected ValueTask<SessionRecord?> LoadInnerAsync(SessionHandle handle, long atLeast, CancellationToken ct) =>
        _cachedInner is null ? Inner.LoadAsync(handle, ct) : _cachedInner.LoadAsync(handle, atLeast, ct);

    /// <summary>Whether what a load has brought may be kept. Under the gate.</summary>
    protected bool MayKeep(SharedLoad load, SessionRecord? record)
    {
        if (load.MayKeep(record))
        {
            return !Doubts.Contains(load.Handle);
        }

        Figures.BuriedRefill();
        return false;
    }

    protected CacheStripe StripeOf(SessionHandle handle) => _stripes.Of(handle);

    protected bool IsBeingWritten(SessionHandle handle) => _stripes.IsBeingWritten(handle);

    protected void NextEpoch() => Interlocked.Increment(ref _epoch);

    private async ValueTask<SessionRecord?> LoadPastAsync(SessionHandle handle, long atLeast, CancellationToken ct)
    {
        var record = await LoadInnerAsync(handle, Math.Max(atLeast, LatestKnown(handle)), ct).ConfigureAwait(false);
        Saw(handle, record);
        return record;
    }

    // Others join only where a read may be as old as the load, and not one that hangs.
    private SharedLoad JoinOrBegin(CacheStripe stripe, SessionHandle handle, long atLeast, out bool isMine)
    {
        var isForOthers = MaxStaleness > TimeSpan.Zero && atLeast < long.MaxValue && Revocations.Subjects.Length == 0 && !Doubts.Contains(handle);
        if (isForOthers
            && stripe.FindLoad(handle) is { } there
            && Clock.GetElapsedTime(there.BeganAt) < _joinPeriod
            && there.TryJoin(atLeast, Epoch))
        {
            isMine = false;
            return there;
        }

        var load = new SharedLoad(stripe, handle, atLeast, Epoch, isForOthers, Clock.GetTimestamp());
        stripe.AddLoad(load);
        isMine = true;
        return load;
    }

    private async Task RunAsync(SharedLoad load)
    {
        SessionRecord? record;
        try
        {
            record = await FetchAsync(load).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            load.Fail(fault);
            return;
        }
        finally
        {
            load.Dispose();
        }

        load.Complete(record);
    }

    private static bool IsUnavailable(Exception fault) =>
        fault is TimeoutException or SessionStoreException { Error: SessionStoreError.Unavailable or SessionStoreError.TimedOut };
}
