namespace KvSessions;

/// <summary>
/// What a request knows of the session in the store: its id, its record once it is read, and whether reading failed. Every call of the
/// store that a session makes is here.
/// </summary>
internal sealed class StoredSession(
    SessionFactory factory, ISessionTransport transport, PendingChanges pending, SessionId? id, bool failOpen)
{
    public const int MaxAttempts = 100;

    private SessionStoreException? _fault;

    /// <summary>The session's id: the one that came with the request, until it is known that there is no such session.</summary>
    public SessionId? Id { get; private set; } = id;

    /// <summary>The record as this request read or saved it last; <see langword="null"/> if there is none, or while it is unread.</summary>
    public SessionRecord? Record { get; private set; }

    /// <summary>Whether <see cref="Record"/> is what the store holds, as far as this request can know.</summary>
    public bool IsLoaded { get; private set; } = id is null;

    /// <summary>Whether this request has read or saved it, and has not ended it since.</summary>
    // Also while the record is to be read again: a session that this request has seen cannot turn out never to have been.
    public bool IsThere { get; private set; }

    /// <summary>Whether the store failed, and the request goes on without a session.</summary>
    public bool HasFailedOpen => _fault is not null;

    /// <summary>Reads the session, unless that was done. One that cannot be read is empty, if the request fails open.</summary>
    /// <exception cref="SessionGoneException">The session was there when the request read or saved it last, and has ended since.</exception>
    public async ValueTask<SessionRecord?> LoadAsync(CancellationToken ct)
    {
        if (IsLoaded)
        {
            return Record;
        }

        var asked = Id!;
        SessionRecord? record;
        try
        {
            record = await factory.Store.LoadAsync(asked.Handle, ct).ConfigureAwait(false);
        }
        catch (SessionStoreException fault) when (failOpen)
        {
            FailOpen(fault);
            return null;
        }

        if (Id != asked)
        {
            // Whatever was learnt is about an id that the session had before.
            return await LoadAsync(ct).ConfigureAwait(false);
        }

        if (record is not null)
        {
            (Record, IsLoaded, IsThere) = (record, true, true);
            return Record;
        }

        if (IsThere)
        {
            throw Gone();
        }

        // An id that the store does not know is never adopted: what is stored from here on gets a new one.
        Forget();
        return null;
    }

    /// <summary>Reads the session for an atomic change, which cannot be made to one that was not read: failing open stops here.</summary>
    public async ValueTask<SessionRecord?> LoadForChangeAsync(CancellationToken ct)
    {
        var record = await LoadAsync(ct).ConfigureAwait(false);
        return _fault is null ? record : throw new SessionStoreException(_fault.Error, _fault.Message, _fault);
    }

    /// <summary>
    /// Saves changes into the session. <see langword="false"/>: they were not saved, because others have changed it since (it will be read
    /// again), or because there never was a session under the id that came with the request.
    /// </summary>
    /// <exception cref="SessionGoneException">The session was there when the request read it, and has ended since.</exception>
    public async ValueTask<bool> TrySaveAsync(SessionChanges changes, CancellationToken ct)
    {
        if (Id is not { } id)
        {
            return false;
        }

        var asked = factory.Touches.Timestamp;
        var isDue = factory.Touches.IsDue(id, asked);
        var result = await factory.Store.SaveAsync(id.Handle, changes, ct).ConfigureAwait(false);
        switch (result.Status)
        {
            case SaveStatus.Saved:
                factory.Touches.Touched(id, result.Expiry!, asked);
                if (changes.Expiry is not null || (isDue && IsCookieToBeRefreshed(result.Expiry!)))
                {
                    transport.Issue(id, result);
                }

                AdoptSaved(changes, result);
                return true;

            case SaveStatus.Gone:
                if (IsThere)
                {
                    throw Gone();
                }

                Forget();
                return false;

            default:
                ReadAgain();
                return false;
        }
    }

    /// <summary>
    /// Puts a record under a new id in the place of the stored one, if there is one. Starts over, with the newest record, when others
    /// change it meanwhile: what they saved is carried over.
    /// </summary>
    /// <param name="build">Makes the new record of the old one and the present time. Handle and version are filled in.</param>
    /// <param name="ct">Cancels the call.</param>
    public async ValueTask ReplaceAsync(Func<SessionRecord?, DateTimeOffset, SessionRecord> build, CancellationToken ct)
    {
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var old = await LoadForChangeAsync(ct).ConfigureAwait(false);
            var id = SessionId.New();
            var record = build(old, factory.Clock.GetUtcNow()) with { Handle = id.Handle, Version = (old?.Version ?? 0) + 1 };
            factory.Options.Limits.Check(record.Values.Count, record.Values.TotalBytes);
            var asked = factory.Touches.Timestamp;
            var result = await factory.Store.PutNewAsync(old?.Handle, record, old is null || old.Subject != record.Subject, ct).ConfigureAwait(false);
            switch (result.Status)
            {
                case SaveStatus.Saved:
                    (Id, IsLoaded, IsThere) = (id, true, true);
                    Record = record with { LastSeenAt = result.LastSeenAt, Expiry = result.Expiry! };
                    factory.Touches.Touched(id, result.Expiry!, asked);
                    transport.Issue(id, result);
                    LogReplaced(old, record);
                    return;

                case SaveStatus.Gone:
                    Forget();
                    break;

                // Without an old session the conflict is about the new id, and another one is tried.
                case SaveStatus.Conflict when old is not null:
                    ReadAgain();
                    IsThere = false;
                    break;
            }
        }

        throw new SessionConflictException(MaxAttempts);
    }

    /// <summary>Forgets a session that has ended while the request used it, and what was buffered for it: that belongs nowhere else.</summary>
    /// <returns>What to throw.</returns>
    public SessionGoneException Gone()
    {
        Forget();
        pending.Reset();
        return new SessionGoneException();
    }

    /// <summary>Ends the session, if there is one, and goes on without.</summary>
    public async ValueTask EndAsync(CancellationToken ct)
    {
        if (Id is { } id)
        {
            await factory.Store.DeleteAsync(id.Handle, ct).ConfigureAwait(false);
            factory.Logger.Deleted(id.Handle);
        }

        Forget();
        transport.Withdraw();
    }

    /// <summary>
    /// Sends the cookie again, now and then, for a session that only idleness ends: no browser keeps a cookie for ever.
    /// </summary>
    public void RefreshCookie()
    {
        if (Record is { } record && IsCookieToBeRefreshed(record.Expiry) && factory.Touches.IsDue(Id!, factory.Touches.Timestamp))
        {
            transport.Issue(Id!, SaveResult.Saved(record));
        }
    }

    /// <summary>Goes on without a session, because the store has failed.</summary>
    public void FailOpen(SessionStoreException fault)
    {
        factory.Logger.FailedOpen(fault);
        (_fault, Record, IsLoaded) = (fault, null, true);
    }

    private bool IsCookieToBeRefreshed(SessionExpiry expiry) => expiry is { IsPersistent: true, AbsoluteExpiresAt: null } && transport.CanIssue;

    // If others have saved since this request read the record, what it holds now is known to the store only.
    private void AdoptSaved(SessionChanges changes, SaveResult result)
    {
        IsThere = true;
        if (Record is null || Record.Version + 1 != result.Version)
        {
            ReadAgain();
            return;
        }

        Record = Record with
        {
            Version = result.Version,
            LastSeenAt = result.LastSeenAt,
            Expiry = result.Expiry!,
            Values = Record.Values.With(changes),
        };
    }

    private void ReadAgain() => (Record, IsLoaded) = (null, false);

    private void Forget() => (Id, Record, IsLoaded, IsThere) = (null, null, true, false);

    private void LogReplaced(SessionRecord? old, SessionRecord record)
    {
        if (old is null)
        {
            factory.Logger.Created(record.Handle);
        }
        else
        {
            factory.Logger.Renewed(old.Handle, record.Handle);
        }
    }
}
