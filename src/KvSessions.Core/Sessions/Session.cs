namespace KvSessions;

/// <summary>
/// The session of one request. Nothing is read before it is asked for, and nothing is stored before there is something to keep.
/// </summary>
/// <remarks>
/// <para><see cref="Set"/>, <see cref="Remove"/>, <see cref="Clear"/> and <see cref="SetExpiry"/> are buffered and saved together,
/// before the client sees the first byte of the response; a request that fails with an exception saves none of them.
/// <see cref="UpdateAsync"/>, <see cref="PopAsync"/>, <see cref="RenewAsync"/> and <see cref="SignInAsync"/> are atomic across requests
/// and nodes, so they are done when they return, together with whatever was buffered before.
/// <see cref="DeleteAsync"/> and <see cref="SignOutAsync"/> take effect at once.</para>
/// <para>Every method may throw <see cref="SessionStoreException"/> when the store fails, which says nothing about the session.
/// Like the request, a session is for one caller at a time.</para>
/// </remarks>
public sealed class Session
{
    private readonly SessionFactory _factory;
    private readonly ISessionTransport _transport;
    private readonly bool _failOpen;
    private readonly StoredSession _stored;
    private readonly PendingChanges _pending = new();
    private bool _isAccessed;
    private bool _isDeleted;

    internal Session(SessionFactory factory, ISessionTransport transport, SessionId? id, bool failOpen)
    {
        _factory = factory;
        _transport = transport;
        _failOpen = failOpen;
        _stored = new StoredSession(factory, transport, _pending, id, failOpen);
    }

    /// <summary>
    /// How the store names the session; <see langword="null"/> if there is none yet. Until the session has been read it is the handle of
    /// the id that came with the request, which the store may not know.
    /// </summary>
    public SessionHandle? Handle => _stored.Id?.Handle;

    internal SessionId? Id => _stored.Id;

    /// <summary>The expiry as this request has read or saved it; <see langword="null"/> if it has done neither.</summary>
    internal SessionExpiry? KnownExpiry => _stored.Record?.Expiry;

    /// <summary>
    /// The facts of the stored session (handle, created, last seen, expiry, subject), as of when this request read it or saved it last;
    /// <see langword="null"/> while it is new. What is buffered does not show.
    /// </summary>
    public ValueTask<SessionRecord?> GetRecordAsync(CancellationToken ct = default)
    {
        BeginUse();
        return _stored.LoadAsync(ct);
    }

    /// <summary>Whether there is no stored session yet.</summary>
    public async ValueTask<bool> IsNewAsync(CancellationToken ct = default) => await GetRecordAsync(ct).ConfigureAwait(false) is null;

    /// <summary>The user that the session is signed in as, or <see langword="null"/>.</summary>
    public async ValueTask<string?> GetSubjectAsync(CancellationToken ct = default) =>
        (await GetRecordAsync(ct).ConfigureAwait(false))?.Subject;

    /// <summary>
    /// Reads a value; the default of <typeparamref name="T"/> if there is none (<see cref="ContainsAsync"/> tells a missing number from 0).
    /// The value is decoded anew each time; changing the object changes nothing until it is <see cref="Set"/>.
    /// </summary>
    /// <exception cref="SessionCodecException">The stored bytes are not a <typeparamref name="T"/>. The session is unharmed.</exception>
    public ValueTask<T?> GetAsync<T>(SessionKey<T> key, CancellationToken ct = default)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(key);
        BeginUse();
        if (_stored.IsLoaded || _pending.TryGet(key.Name, out _))
        {
            return new(Current(key));
        }

        var load = _stored.LoadAsync(ct);
        return load.IsCompletedSuccessfully ? new(Current(key)) : WaitThenGetAsync(load, key);
    }

    /// <summary>Whether a key has a value.</summary>
    public async ValueTask<bool> ContainsAsync<T>(SessionKey<T> key, CancellationToken ct = default)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(key);
        BeginUse();
        await _stored.LoadAsync(ct).ConfigureAwait(false);
        return TryGetBytes(key.Name, out _);
    }

    /// <summary>The names of all keys that have a value, in ordinal order.</summary>
    public async ValueTask<IReadOnlyList<string>> GetKeysAsync(CancellationToken ct = default)
    {
        BeginUse();
        var record = await _stored.LoadAsync(ct).ConfigureAwait(false);
        var values = (record?.Values ?? SessionValues.Empty).With(_pending.ToChanges(null, _factory.Options.Limits));
        return [.. values.Keys];
    }

    /// <summary>Sets a value, to be saved with the response.</summary>
    /// <exception cref="SessionCodecException">The value cannot be encoded.</exception>
    /// <exception cref="SessionLimitException">The key or the value is over its limit.</exception>
    /// <exception cref="InvalidOperationException">The session is new, and the response has started: its id can no longer be sent.</exception>
    public void Set<T>(SessionKey<T> key, T value)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(key);
        BeginUse();
        ThrowIfTooLateToCreate();
        var bytes = Encode(key, value);
        Note(_pending.Set(key.Name, bytes));
    }

    /// <summary>Removes a key, if it is there, with the response.</summary>
    public void Remove<T>(SessionKey<T> key)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(key);
        BeginUse();
        Note(_pending.Remove(key.Name));
    }

    /// <summary>Removes all keys, with the response. The session stays: its id, subject and expiry.</summary>
    public void Clear()
    {
        BeginUse();
        Note(_pending.Clear());
    }

    /// <summary>
    /// Gives this session an expiry of its own ("remember me"), with the response: it replaces the one it has, and its lifetime counts
    /// from now.
    /// </summary>
    /// <exception cref="ArgumentException"><paramref name="expiry"/> sets no limit at all.</exception>
    /// <exception cref="InvalidOperationException">The response has started: the cookie can no longer be changed.</exception>
    public void SetExpiry(SessionExpiry expiry)
    {
        ArgumentNullException.ThrowIfNull(expiry);
        BeginUse();
        ThrowIfTooLateToIssue();
        var stored = _factory.AsStored(expiry);
        Note(_pending.SetExpiry(stored));
    }

    /// <summary>
    /// Changes one value atomically: reads it, applies <paramref name="update"/>, and saves the result only if nobody has changed the
    /// session meanwhile; otherwise it starts over. Done when it returns (a session that is new is created with the response).
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="update">Makes the new value of the present one (the default of <typeparamref name="T"/> if there is none). May be called more than once, so it must have no effects.</param>
    /// <param name="ct">Cancels the call; a save under way may or may not be applied.</param>
    /// <returns>The new value.</returns>
    /// <exception cref="SessionGoneException">The session ended while it was being updated.</exception>
    /// <exception cref="SessionConflictException">Others were faster, 100 times in a row.</exception>
    public async ValueTask<T> UpdateAsync<T>(SessionKey<T> key, Func<T?, T> update, CancellationToken ct = default)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(update);
        BeginUse();
        for (var attempt = 1; attempt <= StoredSession.MaxAttempts; attempt++)
        {
            var record = await _stored.LoadForChangeAsync(ct).ConfigureAwait(false);
            var value = update(Current(key));
            if (record is null)
            {
                Set(key, value);
                return value;
            }

            if (await TrySaveAsync((key.Name, Encode(key, value)), record.Version, ct).ConfigureAwait(false))
            {
                return value;
            }
        }

        throw new SessionConflictException(StoredSession.MaxAttempts);
    }

    /// <summary>
    /// Takes a value out of the session, atomically: of several requests, one gets it. Done when it returns.
    /// </summary>
    /// <returns>The value, or the default of <typeparamref name="T"/> if there was none.</returns>
    /// <inheritdoc cref="UpdateAsync"/>
    public async ValueTask<T?> PopAsync<T>(SessionKey<T> key, CancellationToken ct = default)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(key);
        BeginUse();
        for (var attempt = 1; attempt <= StoredSession.MaxAttempts; attempt++)
        {
            var record = await _stored.LoadForChangeAsync(ct).ConfigureAwait(false);
            if (!TryGetBytes(key.Name, out var bytes))
            {
                return default;
            }

            var value = key.Decode(bytes);
            if (record is null)
            {
                Remove(key);
                return value;
            }

            if (await TrySaveAsync((key.Name, null), record.Version, ct).ConfigureAwait(false))
            {
                return value;
            }
        }

        throw new SessionConflictException(StoredSession.MaxAttempts);
    }

    /// <summary>
    /// Gives the session a new id and ends the old one, at once; everything else stays. Good whenever rights change other than through
    /// <see cref="SignInAsync"/>. Does nothing for a session that is new: it will get a new id anyway.
    /// </summary>
    /// <exception cref="InvalidOperationException">The response has started: the new id could not be sent.</exception>
    /// <exception cref="SessionGoneException">The session ended meanwhile.</exception>
    public async ValueTask RenewAsync(CancellationToken ct = default)
    {
        BeginUse();
        ThrowIfTooLateToIssue();
        if (await _stored.LoadForChangeAsync(ct).ConfigureAwait(false) is null)
        {
            return;
        }

        await ReplaceAsync((old, now) => old is null ? throw _stored.Gone() : old with { LastSeenAt = now }, null, ct).ConfigureAwait(false);
    }

    /// <summary>
    /// Signs a user in: the session gets a new id, bound to <paramref name="subject"/>, and the old id ends, all at once. Values are
    /// kept, unless the session was signed in as another user: what one user stored is never shown to the next. What was set and removed
    /// before in this request is part of the same step; remove here what an anonymous visitor may know and a user's session must not
    /// hold, such as form tokens.
    /// </summary>
    /// <param name="subject">The user, as the application names them: 1 to 256 bytes of UTF-8.</param>
    /// <param name="expiry">When the session ends, counted from now ("remember me"); by default as the options say.</param>
    /// <param name="ct">Cancels the call; the sign-in may or may not be applied.</param>
    /// <exception cref="ArgumentException"><paramref name="subject"/> or <paramref name="expiry"/> is not valid.</exception>
    /// <exception cref="InvalidOperationException">The response has started: the new id could not be sent.</exception>
    /// <exception cref="SubjectLimitException">The user has the most sessions allowed, and new ones are refused.</exception>
    public async ValueTask SignInAsync(string subject, SessionExpiry? expiry = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        SessionRecord.ThrowIfInvalidSubject(subject);
        var stored = expiry is null ? null : _factory.AsStored(expiry);
        BeginUse();
        ThrowIfTooLateToIssue();
        await ReplaceAsync(
            (old, now) => new SessionRecord
            {
                Handle = default,
                Version = 0,
                CreatedAt = now,
                LastSeenAt = now,
                Expiry = _factory.DefaultExpiry,
                Subject = subject,
                Values = old is null || (old.Subject is not null && old.Subject != subject) ? SessionValues.Empty : old.Values,
            },
            stored,
            ct).ConfigureAwait(false);
    }

    /// <summary>
    /// Signs the user out: the stored session ends at once, with its values and with what was buffered. This session goes on as a new
    /// anonymous one, which gets an id of its own if something is stored in it.
    /// </summary>
    public async ValueTask SignOutAsync(CancellationToken ct = default)
    {
        BeginUse();
        await EndAsync(ct).ConfigureAwait(false);
    }

    /// <summary>
    /// Ends the session at once, with its values and with what was buffered. The client is told to forget the id, and this session can
    /// be used no more in this request.
    /// </summary>
    public async ValueTask DeleteAsync(CancellationToken ct = default)
    {
        BeginUse();
        await EndAsync(ct).ConfigureAwait(false);
        _isDeleted = true;
    }

    /// <summary>
    /// Saves what is buffered. The middleware does this before the response starts; call it to know earlier that it is stored.
    /// </summary>
    /// <exception cref="SessionGoneException">The session was there when this request read it, and has ended since.</exception>
    /// <exception cref="SessionLimitException">The session would be over a limit. Nothing was saved.</exception>
    public async ValueTask CommitAsync(CancellationToken ct = default)
    {
        if (_isDeleted || _stored.HasFailedOpen)
        {
            _pending.Reset();
            return;
        }

        try
        {
            if (!_pending.IsEmpty)
            {
                await SavePendingAsync(ct).ConfigureAwait(false);
            }
            else if (_factory.Options.CreateForEveryVisitor && _transport.CanIssue)
            {
                await EnsureStoredAsync(ct).ConfigureAwait(false);
            }

            _stored.RefreshCookie();
        }
        catch (SessionStoreException fault) when (_failOpen)
        {
            _pending.Reset();
            _stored.FailOpen(fault);
        }
    }

    /// <summary>Whether something is buffered that <see cref="CommitAsync"/> would save.</summary>
    public bool HasChanges =>
        !_isDeleted && !_stored.HasFailedOpen
        && (!_pending.IsEmpty || (_factory.Options.CreateForEveryVisitor && _transport.CanIssue && !_stored.IsThere));

    /// <summary>
    /// Forgets what is buffered: the request has failed. A session that it has deleted can be used again, as a new one: for an error page.
    /// </summary>
    public void DiscardChanges()
    {
        _pending.Reset();
        _isDeleted = false;
    }

    private async ValueTask SavePendingAsync(CancellationToken ct)
    {
        if (await TrySaveAsync(null, expectedVersion: null, ct).ConfigureAwait(false))
        {
            return;
        }

        // There is no session. Without a value to keep there need not be one.
        if (_pending.Sets.Count > 0 || _factory.Options.CreateForEveryVisitor)
        {
            ThrowIfTooLateToIssue();
            await CreateAsync(ct).ConfigureAwait(false);
        }
    }

    private async ValueTask EnsureStoredAsync(CancellationToken ct)
    {
        if (await _stored.LoadAsync(ct).ConfigureAwait(false) is null && !_stored.HasFailedOpen)
        {
            await CreateAsync(ct).ConfigureAwait(false);
        }
    }

    private ValueTask CreateAsync(CancellationToken ct) =>
        ReplaceAsync(
            (_, now) => new SessionRecord
            {
                Handle = default,
                Version = 0,
                CreatedAt = now,
                LastSeenAt = now,
                Expiry = _factory.DefaultExpiry,
            },
            null,
            ct);

    /// <summary>Saves what is buffered and one more change, a removal where its value is <see langword="null"/>. See <see cref="StoredSession.TrySaveAsync"/>.</summary>
    private async ValueTask<bool> TrySaveAsync((string Key, ReadOnlyMemory<byte>? Value)? more, long? expectedVersion, CancellationToken ct)
    {
        // Before the changes are taken: what comes in between is saved twice, and what comes later is not lost.
        var buffered = _pending.TakeSnapshot();
        var changes = more is var (key, value) ? _pending.With(key, value) : _pending;
        var isSaved = await _stored.TrySaveAsync(changes.ToChanges(expectedVersion, _factory.Options.Limits), ct).ConfigureAwait(false);
        if (isSaved)
        {
            _pending.Forget(buffered);
        }

        return isSaved;
    }

    /// <summary>Stores a new record, made by <paramref name="build"/> and of what is buffered. See <see cref="StoredSession.ReplaceAsync"/>.</summary>
    private async ValueTask ReplaceAsync(
        Func<SessionRecord?, DateTimeOffset, SessionRecord> build, SessionExpiry? expiry, CancellationToken ct)
    {
        var buffered = _pending.TakeSnapshot();
        var changes = _pending.ToChanges(null, _factory.Options.Limits);
        await _stored.ReplaceAsync(
            (old, now) =>
            {
                var record = build(old, now);
                return record with { Values = record.Values.With(changes), Expiry = expiry ?? changes.Expiry ?? record.Expiry };
            },
            ct).ConfigureAwait(false);
        _pending.Forget(buffered);
    }

    private async ValueTask EndAsync(CancellationToken ct)
    {
        await _stored.EndAsync(ct).ConfigureAwait(false);
        _pending.Reset();
    }

    private async ValueTask<T?> WaitThenGetAsync<T>(ValueTask<SessionRecord?> load, SessionKey<T> key)
        where T : notnull
    {
        await load.ConfigureAwait(false);
        return Current(key);
    }

    private T? Current<T>(SessionKey<T> key)
        where T : notnull =>
        TryGetBytes(key.Name, out var bytes) ? key.Decode(bytes) : default;

    private bool TryGetBytes(string key, out ReadOnlyMemory<byte> bytes)
    {
        if (_pending.TryGet(key, out var pending))
        {
            bytes = pending.GetValueOrDefault();
            return pending is not null;
        }

        bytes = default;
        return _stored.Record is { } record && record.Values.TryGetValue(key, out bytes);
    }

    private ReadOnlyMemory<byte> Encode<T>(SessionKey<T> key, T value)
        where T : notnull
    {
        var bytes = key.Encode(value);
        _factory.Options.Limits.Check(key.Name, bytes.Length);
        return bytes;
    }

    private void BeginUse()
    {
        if (_isDeleted)
        {
            throw new InvalidOperationException(
                "The session was deleted in this request and cannot be used any more. Use SignOutAsync() to go on with a new one.");
        }

        if (!_isAccessed)
        {
            _isAccessed = true;
            _transport.OnAccess();
        }
    }

    private void Note(bool isNews)
    {
        if (isNews)
        {
            _transport.OnChange();
        }
    }

    private void ThrowIfTooLateToCreate()
    {
        if (_stored is { Id: null, HasFailedOpen: false })
        {
            ThrowIfTooLateToIssue();
        }
    }

    private void ThrowIfTooLateToIssue()
    {
        if (!_transport.CanIssue)
        {
            throw new InvalidOperationException(
                "The response has started, so the session's new id could not reach the client. Create, renew or sign in a session before the first byte is written.");
        }
    }
}
