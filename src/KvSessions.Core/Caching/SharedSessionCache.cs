namespace KvSessions;

/// <summary>
/// Keeps records in another store, which nodes may share. Nodes do not wait for each other: whoever comes with a record finds a newer one,
/// or the mark that a write has left, and stays away.
/// </summary>
internal sealed class SharedSessionCache : SessionCache
{
    private readonly SharedCacheStore _shared;
    private readonly VersionFloors _floors = new();

    // A write that is applied late may be preceded by other nodes' loads, which the cache keeps for as long as it keeps anything.
    public SharedSessionCache(
        ISessionStore inner, ISessionStore cache, SharedCacheOptions options, TimeProvider clock, CacheFigures figures, TimeSpan operationTimeout)
        : base(inner, options.MaxStaleness, DoubtPeriod + options.MaxStaleness, operationTimeout, clock, figures) =>
        _shared = new SharedCacheStore(cache, options.MaxStaleness, options.SoftDeadline, clock, figures);

    public override ISessionStore Store => _shared.Store;

    public override ValueTask SavedAsync(PendingWrite write, SessionChanges changes, SaveResult result) =>
        result.Status switch
        {
            SaveStatus.Saved => PutAsync(write.Handle, held => Next(held, changes, result, write.BeganAt), write.BeganAt),
            SaveStatus.Gone => GoneAsync(write.Handle),
            _ => DroppedAsync(write.Handle),
        };

    public override ValueTask EndedAsync(SessionHandle handle)
    {
        var stripe = StripeOf(handle);
        lock (stripe.Gate)
        {
            stripe.NextTurn();
            _floors.Raise(handle, long.MaxValue);
        }

        return PutAsync(handle, static _ => CacheEnvelope.Ended, Clock.GetTimestamp());
    }

    public override ValueTask GoneAsync(SessionHandle handle) => EndedAsync(handle);

    public override ValueTask DroppedAsync(SessionHandle handle)
    {
        var stripe = StripeOf(handle);
        lock (stripe.Gate)
        {
            stripe.NextTurn();
        }

        return PutAsync(handle, static held => held is { Record: not null } ? CacheEnvelope.AtLeast(held.Version + 1) : null, Clock.GetTimestamp());
    }

    public override void Saw(SessionHandle handle, SessionRecord? record)
    {
        var version = record?.Version ?? long.MaxValue;
        var stripe = StripeOf(handle);
        lock (stripe.Gate)
        {
            stripe.FindLoad(handle)?.Saw(version);
            _floors.Raise(handle, version);
        }
    }

    protected override long LatestKnown(SessionHandle handle) => _floors.Of(handle);

    protected override SessionRecord? Find(SessionHandle handle, long atLeast) => null;

    protected override async ValueTask<SessionRecord?> FetchAsync(SharedLoad load)
    {
        // First of all: a revocation that ends later than this has changed the cache by then.
        var revoked = Revocations.Subjects;
        var atLeast = Math.Max(load.AtLeast, LatestKnown(load.Handle));
        var answered = false;
        if (atLeast < long.MaxValue && !Doubts.Contains(load.Handle))
        {
            (answered, var held) = await _shared.GetAsync(load.Handle).ConfigureAwait(false);
            if (held?.Record is not { } found)
            {
                Figures.Miss();
            }
            else if (found.Version >= atLeast
                && !found.IsExpiredAt(Clock.GetUtcNow())
                && (found.Subject is null || !revoked.Contains(found.Subject)))
            {
                Figures.Hit();
                return found;
            }
            else
            {
                Figures.StaleRefusal();
            }
        }

        var askedAt = Clock.GetTimestamp();
        var record = await LoadInnerAsync(load.Handle, atLeast, load.Abandoned).ConfigureAwait(false);
        if (!MayFill(load, record, askedAt) || !answered)
        {
            Saw(load.Handle, record);
        }
        else if (record is not null)
        {
            await FillAsync(record, askedAt).ConfigureAwait(false);
        }

        return record;
    }

    private bool MayFill(SharedLoad load, SessionRecord? record, long askedAt)
    {
        lock (load.Stripe.Gate)
        {
            if (!MayKeep(load, record))
            {
                return false;
            }

            if (record is null)
            {
                Missing.Add(load.Handle, askedAt);
            }
        }

        return IsYoung(askedAt);
    }

    // What a write has left since then, record or mark, must still be there for whoever comes late.
    private bool IsYoung(long askedAt) => Clock.GetElapsedTime(askedAt) < MaxStaleness / 2;

    private async ValueTask FillAsync(SessionRecord record, long askedAt)
    {
        var envelope = CacheEnvelope.Of(record);
        var isBuried = false;
        var answered = await _shared.PutAsync(
            record.Handle,
            held =>
            {
                isBuried = held is not null && held.Version > envelope.Version;
                return held is null || envelope.IsNewerThan(held) ? envelope : null;
            },
            askedAt).ConfigureAwait(false);
        if (isBuried)
        {
            Figures.BuriedRefill();
        }

        if (!answered)
        {
            // Whoever comes with an older one finds nothing there.
            Saw(record.Handle, record);
        }
    }

    // After a write that the cache did not take, this node does not ask it about the session until what it held before is surely gone.
    private async ValueTask PutAsync(SessionHandle handle, Func<CacheEnvelope?, CacheEnvelope?> next, long askedAt)
    {
        if (!await _shared.PutAsync(handle, next, askedAt).ConfigureAwait(false))
        {
            Doubts.Add(handle);
        }
    }

    private CacheEnvelope? Next(CacheEnvelope? held, SessionChanges changes, SaveResult result, long beganAt)
    {
        if (IsYoung(beganAt) && held is { Record: { } record } && SavedRecord.Next(record, changes, result) is { } next)
        {
            return CacheEnvelope.Of(next);
        }

        var mark = CacheEnvelope.AtLeast(result.Version);
        return !changes.IsTouch && (held is null || mark.IsNewerThan(held)) ? mark : null;
    }
}
