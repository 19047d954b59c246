namespace KvSessions;

/// <summary>What became of a save or a renewal.</summary>
public enum SaveStatus
{
    /// <summary>It was applied.</summary>
    Saved,

    /// <summary>There is no such session, or it has expired. Nothing changed.</summary>
    Gone,

    /// <summary>The session has another version than expected (or the new handle of a renewal is taken). Nothing changed.</summary>
    Conflict,
}

/// <summary>What became of a save or a renewal, and the session's version and times after it.</summary>
public readonly record struct SaveResult
{
    private SaveResult(SaveStatus status, long version, DateTimeOffset lastSeenAt, SessionExpiry? expiry)
    {
        Status = status;
        Version = version;
        LastSeenAt = lastSeenAt;
        Expiry = expiry;
    }

    /// <summary>No such session, or it has expired.</summary>
    public static SaveResult Gone { get; } = new(SaveStatus.Gone, 0, default, null);

    /// <summary>Another version than expected.</summary>
    public static SaveResult Conflict { get; } = new(SaveStatus.Conflict, 0, default, null);

    /// <summary>What became of it.</summary>
    public SaveStatus Status { get; }

    /// <summary>The record's version now; 0 unless saved.</summary>
    public long Version { get; }

    /// <summary>When the session was last seen, by the clock that decides: the time of this save. Unset unless saved.</summary>
    public DateTimeOffset LastSeenAt { get; }

    /// <summary>The record's resolved expiry; <see langword="null"/> unless saved.</summary>
    public SessionExpiry? Expiry { get; }

    /// <summary>Applied, with what the record says now.</summary>
    public static SaveResult Saved(long version, DateTimeOffset lastSeenAt, SessionExpiry expiry) =>
        new(SaveStatus.Saved, version, lastSeenAt, expiry);

    /// <summary>Applied, and <paramref name="record"/> is what is stored now.</summary>
    public static SaveResult Saved(SessionRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return new(SaveStatus.Saved, record.Version, record.LastSeenAt, record.Expiry);
    }
}
