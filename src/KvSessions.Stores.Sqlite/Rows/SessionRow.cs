namespace KvSessions.Stores.Sqlite;

/// <summary>A row of <c>kv_sessions</c> as a record, and back.</summary>
internal static class SessionRow
{
    /// <summary>The columns in the order in which <see cref="Read"/> expects them.</summary>
    public const string Columns =
        "s.handle, s.values_id, s.version, s.created_at, s.last_seen_at, s.idle_timeout, s.absolute_expires_at, s.is_persistent, s.expires_at, s.subject";

    /// <summary>The column after <see cref="Columns"/>.</summary>
    public const int DataColumn = 10;

    private const int HandleColumn = 0;
    private const int ValuesIdColumn = 1;
    private const int ExpiresAtColumn = 8;

    public static bool IsExpired(Statement row, DateTimeOffset now) => row.Integer(ExpiresAtColumn) <= now.UtcTicks;

    public static long ValuesId(Statement row) => row.Integer(ValuesIdColumn);

    public static SessionHandle Handle(Statement row) => new(row.Blob(HandleColumn));

    public static SessionRecord Read(Statement row, SessionHandle handle, SessionValues values)
    {
        try
        {
            var record = new SessionRecord
            {
                Handle = handle,
                Version = row.Integer(2),
                CreatedAt = Moment(row.Integer(3)),
                LastSeenAt = Moment(row.Integer(4)),
                Expiry = new SessionExpiry
                {
                    IdleTimeout = row.NullableInteger(5) is { } idle ? TimeSpan.FromTicks(idle) : null,
                    AbsoluteExpiresAt = row.NullableInteger(6) is { } absolute ? Moment(absolute) : null,
                    IsPersistent = row.Integer(7) != 0,
                },
                Subject = row.Text(9),
                Values = values,
            };

            // Must be a moment at all: later steps rely on it.
            _ = record.ExpiresAt;
            return record;
        }
        catch (ArgumentException exception)
        {
            throw new SessionStoreException(SessionStoreError.Corrupt, $"The stored session {handle} has a column out of range.", exception);
        }
    }

    public static SessionValues ReadValues(Statement row, SessionHandle handle)
    {
        if (row.IsNull(DataColumn))
        {
            throw new SessionStoreException(SessionStoreError.Corrupt, $"The stored session {handle} has lost its values.");
        }

        try
        {
            return SessionValues.FromBytes(row.Blob(DataColumn).ToArray());
        }
        catch (SessionStoreException exception)
        {
            throw new SessionStoreException(exception.Error, $"The stored session {handle} cannot be read. {exception.Message}", exception);
        }
    }

    private static DateTimeOffset Moment(long utcTicks) => new(utcTicks, TimeSpan.Zero);
}
