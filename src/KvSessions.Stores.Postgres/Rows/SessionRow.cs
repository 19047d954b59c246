using Npgsql;
using NpgsqlTypes;

namespace KvSessions.Stores.Postgres;

/// <summary>A row of the table as a record.</summary>
internal static class SessionRow
{
    /// <summary>The format of the values that this code writes, and the only one that it reads.</summary>
    public const short CurrentFormat = 1;

    /// <summary>The columns in the order in which <see cref="Read"/> expects them.</summary>
    public const string Columns =
        "s.format, s.version, s.created_at, s.last_seen_at, s.idle_timeout, s.absolute_expires_at, s.is_persistent, s.subject, s.data";

    /// <summary>The column after <see cref="Columns"/>.</summary>
    public const int NextColumn = 9;

    public static SessionRecord Read(NpgsqlDataReader row, SessionHandle handle)
    {
        ThrowIfUnknownFormat(row.GetInt16(0), handle);
        try
        {
            var record = new SessionRecord
            {
                Handle = handle,
                Version = row.GetInt64(1),
                CreatedAt = Moment(row, 2),
                LastSeenAt = Moment(row, 3),
                Expiry = Expiry(row, 4),
                Subject = row.IsDBNull(7) ? null : row.GetString(7),
                Values = SessionJson.Read(row.GetFieldValue<byte[]>(8)),
            };

            // Must be a moment at all: later steps rely on it.
            _ = record.ExpiresAt;
            return record;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            throw Corrupt(handle, "Its values or times are not what this version writes.");
        }
    }

    /// <summary>Idle timeout, absolute end, and whether the cookie is persistent, in three columns from <paramref name="column"/> on.</summary>
    public static SessionExpiry Expiry(NpgsqlDataReader row, int column) =>
        new()
        {
            IdleTimeout = row.IsDBNull(column) ? null : PostgresTime.ToDuration(row.GetFieldValue<NpgsqlInterval>(column)),
            AbsoluteExpiresAt = row.IsDBNull(column + 1) ? null : Moment(row, column + 1),
            IsPersistent = row.GetBoolean(column + 2),
        };

    public static DateTimeOffset Moment(NpgsqlDataReader row, int column) => PostgresTime.ToMoment(row.GetFieldValue<long>(column));

    public static void ThrowIfUnknownFormat(short format, SessionHandle handle)
    {
        if (format != CurrentFormat)
        {
            throw Corrupt(handle, $"Its values are in format {format}; this version reads format {CurrentFormat}.");
        }
    }

    public static SessionStoreException Corrupt(SessionHandle handle, string why) =>
        new(SessionStoreError.Corrupt, $"The stored session {handle} cannot be read. {why}");
}
