namespace KvSessions;

/// <summary>
/// A stored session as it was at one moment: an immutable snapshot. All times are by the clock that decides for the store it came from.
/// </summary>
public sealed record SessionRecord
{
    /// <summary>The longest subject, in bytes of UTF-8.</summary>
    public const int MaxSubjectBytes = 256;

    /// <summary>Which session it is.</summary>
    public required SessionHandle Handle { get; init; }

    /// <summary>
    /// Counts the changes of values and expiry, across renewals: 1 when created, one more with each save and each renewal. A touch
    /// leaves it as it is.
    /// </summary>
    public required long Version { get; init; }

    /// <summary>When the session began: when it was created, or when its subject last signed in. An id renewal keeps it.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the session was last touched or saved.</summary>
    public required DateTimeOffset LastSeenAt { get; init; }

    /// <summary>When it ends. As stored it is resolved: its <see cref="SessionExpiry.Lifetime"/> is <see langword="null"/>.</summary>
    public required SessionExpiry Expiry { get; init; }

    /// <summary>The user that the session is signed in as, or <see langword="null"/> for an anonymous one. Never changes under one handle.</summary>
    /// <exception cref="ArgumentException">The text is empty, not valid Unicode, contains U+0000, or is over <see cref="MaxSubjectBytes"/>.</exception>
    public string? Subject
    {
        get;
        init
        {
            ThrowIfInvalidSubject(value);
            field = value;
        }
    }

    /// <summary>The session's keys and values.</summary>
    public SessionValues Values { get; init; } = SessionValues.Empty;

    /// <summary>When it ends for want of requests, or <see langword="null"/> if idleness does not end it.</summary>
    public DateTimeOffset? IdleExpiresAt => LastSeenAt + Expiry.IdleTimeout;

    /// <summary>When it ends in any case, or <see langword="null"/> if only idleness ends it.</summary>
    public DateTimeOffset? AbsoluteExpiresAt => Expiry.AbsoluteExpiresAt;

    /// <summary>When it ends, unless it is touched: the earlier of <see cref="IdleExpiresAt"/> and <see cref="AbsoluteExpiresAt"/>.</summary>
    /// <remarks>The idle timeout is stored a little longer than the one that was asked for (<see cref="KvSessionsOptions.TouchFraction"/>).</remarks>
    public DateTimeOffset ExpiresAt =>
        (IdleExpiresAt, AbsoluteExpiresAt) switch
        {
            ({ } idle, { } absolute) => idle < absolute ? idle : absolute,
            ({ } idle, null) => idle,
            (null, { } absolute) => absolute,
            _ => DateTimeOffset.MaxValue,
        };

    /// <summary>Whether the session is over: the moment <see cref="ExpiresAt"/> itself belongs to the dead.</summary>
    public bool IsExpiredAt(DateTimeOffset now) => now >= ExpiresAt;

    /// <summary>Decodes the value of <paramref name="key"/>; the default of <typeparamref name="T"/> when there is none.</summary>
    /// <exception cref="SessionCodecException">The stored bytes are not a <typeparamref name="T"/>.</exception>
    public T? Get<T>(SessionKey<T> key)
        where T : notnull =>
        Values.TryGetValue(key.Name, out var bytes) ? key.Decode(bytes) : default;

    /// <summary>
    /// The record as a store takes it in (<see cref="ISessionStore.CreateAsync"/>, <see cref="ISessionStore.RenewAsync"/>): seen now,
    /// not created later than now, its expiry resolved.
    /// </summary>
    /// <param name="now">The time by the clock that decides.</param>
    public SessionRecord AcceptedAt(DateTimeOffset now) =>
        this with
        {
            CreatedAt = CreatedAt < now ? CreatedAt : now,
            LastSeenAt = now,
            Expiry = Expiry.ResolveAt(now),
        };

    /// <summary>
    /// What <see cref="ISessionStore.SaveAsync"/> means for this record, for stores that apply changes in memory. Pure: the store has
    /// to swap <paramref name="next"/> in for this record in one atomic step, and to start over if it no longer holds this one.
    /// </summary>
    /// <param name="changes">What to change.</param>
    /// <param name="now">The time by the clock that decides.</param>
    /// <param name="next">The record to keep; this one, unless the result is <see cref="SaveStatus.Saved"/>.</param>
    /// <returns>
    /// What the store answers: saved, with what <paramref name="next"/> says; gone, if this record has expired; conflict, if it has not the
    /// version that <paramref name="changes"/> expect.
    /// </returns>
    /// <exception cref="SessionLimitException">The session would be over a limit that <paramref name="changes"/> carries.</exception>
    public SaveResult Apply(SessionChanges changes, DateTimeOffset now, out SessionRecord next)
    {
        ArgumentNullException.ThrowIfNull(changes);
        next = this;
        if (IsExpiredAt(now))
        {
            return SaveResult.Gone;
        }

        if (changes.ExpectedVersion is { } expected && expected != Version)
        {
            return SaveResult.Conflict;
        }

        var seen = LastSeenAt > now ? LastSeenAt : now;
        if (changes.IsTouch)
        {
            next = this with { LastSeenAt = seen };
            return SaveResult.Saved(next);
        }

        var values = Values.With(changes);
        if (changes.ChangesValues)
        {
            changes.Limits.Check(values.Count, values.TotalBytes);
        }

        next = this with
        {
            Version = Version + 1,
            LastSeenAt = seen,
            Expiry = changes.Expiry?.ResolveAt(now) ?? Expiry,
            Values = values,
        };
        return SaveResult.Saved(next);
    }

    /// <summary>
    /// What <see cref="ISessionStore.RenewAsync"/> means for this record as the old one, for stores that decide in memory: what becomes of
    /// putting <paramref name="renewed"/> in its place. Whether the new handle is free is for the store to see.
    /// </summary>
    /// <param name="renewed">The record that was built from this session.</param>
    /// <param name="now">The time by the clock that decides.</param>
    /// <returns>
    /// <see cref="SaveStatus.Gone"/>: this record has expired. <see cref="SaveStatus.Conflict"/>: the new one was not built from this version.
    /// <see cref="SaveStatus.Saved"/>: it may take the place.
    /// </returns>
    public SaveStatus CanBecome(SessionRecord renewed, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(renewed);
        return IsExpiredAt(now) ? SaveStatus.Gone
            : renewed.Version != Version + 1 ? SaveStatus.Conflict
            : SaveStatus.Saved;
    }

    /// <summary>The handle and the version. Subject and values never show.</summary>
    public override string ToString() => $"{Handle} v{Version}";

    internal static void ThrowIfInvalidSubject(string? subject)
    {
        if (subject is null)
        {
            return;
        }

        SessionText.ThrowIfInvalid(subject, "subject", nameof(subject));
        if (SessionText.CountBytes(subject) > MaxSubjectBytes)
        {
            throw new ArgumentException($"A subject must not be over {MaxSubjectBytes} bytes of UTF-8.", nameof(subject));
        }
    }
}
