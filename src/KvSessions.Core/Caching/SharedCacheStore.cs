namespace KvSessions;

/// <summary>
/// Any store as a cache that nodes share. What it holds of a session is one value of a record of its own, under the same handle, which ends
/// by the store's own clock. It is changed by compare-and-set on that record's version. Calls that fail or take too long are given up.
/// </summary>
internal sealed class SharedCacheStore(ISessionStore store, TimeSpan lifetime, TimeSpan softDeadline, TimeProvider clock, CacheFigures figures)
{
    private const int MaxAttempts = 5;
    private const int SweepBatch = 100;
    private const string Key = "session";

    // The limits are those of the sessions, which were held against them before.
    private static readonly SessionLimits NoLimits = new() { MaxTotalBytes = int.MaxValue };

    private readonly CacheCircuit _circuit = new(clock);

    public ISessionStore Store => store;

    /// <summary>What is held of a session.</summary>
    /// <returns>Whether the cache answered, and what.</returns>
    public ValueTask<(bool Answered, CacheEnvelope? Held)> GetAsync(SessionHandle handle) =>
        CallAsync(async ct => await store.LoadAsync(handle, ct).ConfigureAwait(false) is { } there ? Read(there) : null);

    /// <summary>
    /// Puts what <paramref name="next"/> makes of what is held; nothing, if it makes nothing of it. A record is as old as
    /// <paramref name="askedAt"/>, when the store was asked.
    /// </summary>
    /// <returns>Whether the cache has done so.</returns>
    public async ValueTask<bool> PutAsync(SessionHandle handle, Func<CacheEnvelope?, CacheEnvelope?> next, long askedAt)
    {
        var (answered, _) = await CallAsync(ct => PutAsync(handle, next, askedAt, ct)).ConfigureAwait(false);
        return answered;
    }

    private async ValueTask<CacheEnvelope?> PutAsync(
        SessionHandle handle, Func<CacheEnvelope?, CacheEnvelope?> next, long askedAt, CancellationToken ct)
    {
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var there = await store.LoadAsync(handle, ct).ConfigureAwait(false);
            if (next(there is null ? null : Read(there)) is not { } envelope
                || await TryPutAsync(handle, there, envelope, askedAt, ct).ConfigureAwait(false))
            {
                return null;
            }
        }

        throw new SessionStoreException(
            SessionStoreError.Unavailable, $"Others have changed an entry of the cache during each of {MaxAttempts} attempts.");
    }

    private async ValueTask<bool> TryPutAsync(
        SessionHandle handle, SessionRecord? there, CacheEnvelope envelope, long askedAt, CancellationToken ct)
    {
        var expiry = SessionExpiry.In(envelope.Record is null ? lifetime : lifetime - clock.GetElapsedTime(askedAt));
        var values = SessionValues.From([new(Key, envelope.ToBytes())]);
        if (there is not null)
        {
            var changes = new SessionChanges
            {
                ExpectedVersion = there.Version,
                Sets = values,
                Expiry = expiry,
                Limits = NoLimits,
            };
            return (await store.SaveAsync(handle, changes, ct).ConfigureAwait(false)).Status == SaveStatus.Saved;
        }

        var now = clock.GetUtcNow();
        var record = new SessionRecord
        {
            Handle = handle,
            Version = 1,
            CreatedAt = now,
            LastSeenAt = now,
            Expiry = expiry,
            Values = values,
        };
        if (await store.CreateAsync(record, ct).ConfigureAwait(false))
        {
            return true;
        }

        // Taken by another node just now, or by something that is over and not swept. Only the sweep can tell one from the other and end it.
        if (store is IExpiredSessionStore expired)
        {
            await expired.DeleteExpiredAsync(SweepBatch, ct).ConfigureAwait(false);
        }

        return false;
    }

    private static CacheEnvelope Read(SessionRecord there) =>
        (there.Values.TryGetValue(Key, out var bytes) ? CacheEnvelope.Read(there.Handle, bytes) : null)
        ?? throw new SessionStoreException(SessionStoreError.Corrupt, "An entry of the cache is damaged, or in a format of a newer version.");

    private async ValueTask<(bool Answered, CacheEnvelope? Held)> CallAsync(Func<CancellationToken, ValueTask<CacheEnvelope?>> call)
    {
        if (_circuit.IsOpen)
        {
            figures.Bypass();
            return (false, null);
        }

        var abandon = new CancellationTokenSource();
        Task<CacheEnvelope?>? pending = null;
        try
        {
            pending = call(abandon.Token).AsTask();
            var held = await pending.WaitAsync(softDeadline, clock).ConfigureAwait(false);
            _circuit.Succeeded();
            return (true, held);
        }
        catch (Exception)
        {
            // Whatever it is, the session is in the store.
            _circuit.Failed();
            figures.Bypass();
            return (false, null);
        }
        finally
        {
            AbandonedCall.End(pending, abandon);
        }
    }
}
