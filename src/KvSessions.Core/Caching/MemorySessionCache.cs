namespace KvSessions;

/// <summary>Keeps records in the memory of the process. A hit takes no lock and allocates nothing.</summary>
internal sealed class MemorySessionCache : SessionCache, ICoherentCache
{
    /// <summary>
    /// How many times longer an entry is served while a backplane can be trusted to tell of every write: then it is asked for again only in
    /// case that trust was wrong.
    /// </summary>
    public const int TrustedFactor = 30;

    private readonly CacheEntries _entries;
    private readonly IVersionedSessionStore? _versions;
    private readonly ICoherence? _coherence;
    private readonly VersionFloors? _floors;
    private readonly TimeSpan _serveStale;
    private readonly DoubtAnnouncer? _doubtAnnouncer;
    private readonly long _staleAfter;
    private readonly long _trustedStaleAfter;

    /// <param name="inner">The store behind the cache.</param>
    /// <param name="options">The settings, which are valid.</param>
    /// <param name="clock">The clock by which entries age and sessions are seen to expire.</param>
    /// <param name="coherence">What connects the node to the others, if something does.</param>
    /// <param name="figures">Counts.</param>
    /// <param name="operationTimeout">How long a call may take; after half of it a read is answered from the cache, if it may be.</param>
    public MemorySessionCache(
        ISessionStore inner, SessionCacheOptions options, TimeProvider clock, ICoherence? coherence, CacheFigures figures, TimeSpan operationTimeout)
        : base(inner, options.MaxStaleness, DoubtPeriod, operationTimeout, clock, figures)
    {
        _entries = new CacheEntries(options.MaxEntries, options.MaxBytes);
        _versions = StoreChain.StoreOf(inner) as IVersionedSessionStore;
        _coherence = coherence;
        _floors = IsOverCache ? new() : null;
        _serveStale = options.ServeStaleWhenUnavailable;
        _doubtAnnouncer = coherence is null ? null : new(AnnounceEndAsync, DoubtPeriod, options.MaxStaleness, clock);
        _staleAfter = (long)(options.MaxStaleness.TotalSeconds * clock.TimestampFrequency);

        // What another cache answers may be older than the announcements that this one has heard.
        _trustedStaleAfter = IsOverCache ? _staleAfter : TrustedFactor * _staleAfter;
        coherence?.Attach(this);
    }

    public int Count => _entries.Count;

    public long Bytes => _entries.Bytes;

    public bool IsInDoubt => _doubtAnnouncer is { IsBusy: true } || IsAnyBeingWritten;

    public void Outdate(SessionHandle handle, long version)
    {
        Figures.InvalidationReceived();
        if (handle == default)
        {
            Flush();
            return;
        }

        var stripe = StripeOf(handle);
        lock (stripe.Gate)
        {
            stripe.NextTurn();
            _floors?.Raise(handle, version);
            Missing.Remove(handle);
            if (_entries.Find(handle) is { } entry && entry.Record.Version < version)
            {
                _entries.Remove(handle);
            }
        }
    }

    // What is held stays, so that it can be validated by its version, which is cheaper than to load it.
    public void Flush()
    {
        Missing.Clear();
        NextEpoch();
    }

    /// <summary>Forgets everything that is held.</summary>
    public void Clear()
    {
        Flush();
        _entries.Clear();
    }

    public override async ValueTask SavedAsync(PendingWrite write, SessionChanges changes, SaveResult result)
    {
        lock (StripeOf(write.Handle).Gate)
        {
            if (_entries.Find(write.Handle) is { } entry)
            {
                if (result.Status == SaveStatus.Saved && SavedRecord.Next(entry.Record, changes, result) is { } next)
                {
                    _entries.Put(write.Handle, new CacheEntry(next, write.BeganAt, write.Epoch));
                }
                else
                {
                    _entries.Remove(write.Handle);
                }
            }
        }

        _entries.Trim();
        if (result.Status == SaveStatus.Saved && !changes.IsTouch)
        {
            await AnnounceAsync(write.Handle, result.Version).ConfigureAwait(false);
        }
    }

    public override async ValueTask EndedAsync(SessionHandle handle)
    {
        await DroppedAsync(handle).ConfigureAwait(false);
        await AnnounceEndAsync(handle).ConfigureAwait(false);
    }

    public override ValueTask FoundEndedAsync(SessionHandle handle) => EndedAsync(handle);

    public override ValueTask DroppedAsync(SessionHandle handle)
    {
        var stripe = StripeOf(handle);
        lock (stripe.Gate)
        {
            stripe.NextTurn();
            _entries.Remove(handle);
        }

        return ValueTask.CompletedTask;
    }

    public override ValueTask AppearedAsync(SessionHandle handle)
    {
        lock (StripeOf(handle).Gate)
        {
            Missing.Remove(handle);
            _entries.Remove(handle);
        }

        return ValueTask.CompletedTask;
    }

    public override void Saw(SessionHandle handle, SessionRecord? record)
    {
        var version = record?.Version ?? long.MaxValue;
        var stripe = StripeOf(handle);
        lock (stripe.Gate)
        {
            stripe.FindLoad(handle)?.Saw(version);
            if (record is not null)
            {
                Missing.Remove(handle);
            }

            if (_entries.Find(handle) is { } entry && entry.Record.Version < version)
            {
                _floors?.Raise(handle, version);
                _entries.Remove(handle);
            }
        }
    }

    // A touch makes no version that somebody could miss.
    public override async ValueTask DoubtAsync(SessionHandle handle, bool isTouch)
    {
        await base.DoubtAsync(handle, isTouch).ConfigureAwait(false);
        if (!isTouch)
        {
            _doubtAnnouncer?.Add(handle);
            await AnnounceEndAsync(handle).ConfigureAwait(false);
        }
    }

    // The handle of no session stands for all of them.
    public override async ValueTask DoubtAllAsync()
    {
        await base.DoubtAllAsync().ConfigureAwait(false);
        await DoubtAsync(default, isTouch: false).ConfigureAwait(false);
    }

    protected override SessionRecord? Find(SessionHandle handle, long atLeast)
    {
        // In this order: a write or a revocation that ends in between has changed the entry by then.
        var revoked = Revocations.Subjects;
        if (IsBeingWritten(handle))
        {
            return null;
        }

        if (_entries.Find(handle) is not { } entry)
        {
            Figures.Miss();
            return null;
        }

        if (entry.Epoch == Epoch
            && IsFresh(entry)
            && entry.Record.Version >= atLeast
            && !entry.IsExpiredAt(Clock.GetUtcNow())
            && (revoked.Length == 0 || entry.Record.Subject is not { } subject || !revoked.Contains(subject)))
        {
            return entry.Record;
        }

        Figures.StaleRefusal();
        return null;
    }

    protected override SessionRecord? FindStale(SessionHandle handle, long atLeast) =>
        _serveStale > TimeSpan.Zero
        && _entries.Find(handle) is { } entry
        && Clock.GetElapsedTime(entry.ValidatedAt) is var age && age >= TimeSpan.Zero && age <= _serveStale
        && entry.Record.Version >= atLeast
        && !entry.IsExpiredAt(Clock.GetUtcNow())
            ? entry.Record
            : null;

    protected override async ValueTask<SessionRecord?> FetchAsync(SharedLoad load)
    {
        var record = await AskAsync(load).ConfigureAwait(false);
        if (!TryKeep(load, record))
        {
            Saw(load.Handle, record);
        }

        _entries.Trim();
        return record;
    }

    protected override long LatestKnown(SessionHandle handle) =>
        Math.Max(_floors?.Of(handle) ?? 0, _entries.Find(handle)?.Record.Version ?? 0);

    private bool TryKeep(SharedLoad load, SessionRecord? record)
    {
        lock (load.Stripe.Gate)
        {
            if (!MayKeep(load, record))
            {
                return false;
            }

            if (record is not null)
            {
                Missing.Remove(load.Handle);

                // It may have been raised by a write that was in doubt, and has come to nothing.
                _floors?.Set(load.Handle, record.Version);
                _entries.Put(load.Handle, new CacheEntry(record, load.BeganAt, load.Epoch));
            }
            else
            {
                _entries.Remove(load.Handle);
                Missing.Add(load.Handle, load.BeganAt);
            }
        }

        return true;
    }

    private async ValueTask<SessionRecord?> AskAsync(SharedLoad load)
    {
        var atLeast = Math.Max(load.AtLeast, LatestKnown(load.Handle));

        // A session that is over by this node's clock may have been touched by others, and the store's clock decides.
        if (_versions is not null
            && _entries.Find(load.Handle) is { } entry
            && entry.Record.Version == atLeast
            && !entry.IsExpiredAt(Clock.GetUtcNow()))
        {
            var version = await _versions.LoadVersionAsync(load.Handle, load.Abandoned).ConfigureAwait(false);
            if (version is null || version == entry.Record.Version)
            {
                return version is null ? null : entry.Record;
            }

            atLeast = Math.Max(atLeast, version.Value);
        }

        // Where every read is to be validated, the cache behind this one cannot help.
        return await LoadInnerAsync(load.Handle, MaxStaleness > TimeSpan.Zero ? atLeast : long.MaxValue, load.Abandoned).ConfigureAwait(false);
    }

    private bool IsFresh(CacheEntry entry)
    {
        var age = Clock.GetTimestamp() - entry.ValidatedAt;
        return age >= 0 && age < (_coherence is { IsTrusted: true } ? _trustedStaleAfter : _staleAfter);
    }

    private ValueTask AnnounceAsync(SessionHandle handle, long version)
    {
        if (_coherence is null)
        {
            return ValueTask.CompletedTask;
        }

        Figures.InvalidationSent();
        return _coherence.AnnounceAsync(handle, version);
    }

    private ValueTask AnnounceEndAsync(SessionHandle handle) => AnnounceAsync(handle, long.MaxValue);
}
