using System.Buffers.Binary;

namespace KvSessions;

/// <summary>
/// What a shared cache holds of a session: a record, or only the mark that no record below a version may come in again,
/// <see cref="long.MaxValue"/> for a session that has ended.
/// </summary>
/// <param name="Version">The record's version, or that of the mark.</param>
/// <param name="Record">The record; <see langword="null"/> for a mark.</param>
internal sealed record CacheEnvelope(long Version, SessionRecord? Record)
{
    // Format, version, whether there is a record; then created, seen, idle timeout, absolute end, whether persistent, size of the subject,
    // subject, and the values in their own format. Numbers are little-endian; times are ticks, and none is -1.
    private const byte Format = 1;
    private const int MarkBytes = 1 + sizeof(long) + 1;
    private const int HeaderBytes = MarkBytes + (4 * sizeof(long)) + 1 + sizeof(int);

    /// <summary>A session that has ended.</summary>
    public static CacheEnvelope Ended { get; } = new(long.MaxValue, null);

    public static CacheEnvelope Of(SessionRecord record) => new(record.Version, record);

    /// <summary>A session that has at least this version by now.</summary>
    public static CacheEnvelope AtLeast(long version) => new(version, null);

    /// <summary>Whether it knows more than the other one.</summary>
    public bool IsNewerThan(CacheEnvelope other) =>
        Version > other.Version
        || (Version == other.Version && Record is not null && (other.Record is null || Record.LastSeenAt > other.Record.LastSeenAt));

    public byte[] ToBytes()
    {
        var subjectBytes = Record?.Subject is { } subject ? SessionText.CountBytes(subject) : 0;
        var values = Record?.Values.ToByteArray() ?? [];
        var bytes = new byte[Record is null ? MarkBytes : HeaderBytes + subjectBytes + values.Length];
        bytes[0] = Format;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(1), Version);
        if (Record is null)
        {
            return bytes;
        }

        bytes[MarkBytes - 1] = 1;
        var rest = bytes.AsSpan(MarkBytes);
        BinaryPrimitives.WriteInt64LittleEndian(rest, Record.CreatedAt.UtcTicks);
        BinaryPrimitives.WriteInt64LittleEndian(rest[8..], Record.LastSeenAt.UtcTicks);
        BinaryPrimitives.WriteInt64LittleEndian(rest[16..], Record.Expiry.IdleTimeout?.Ticks ?? -1);
        BinaryPrimitives.WriteInt64LittleEndian(rest[24..], Record.AbsoluteExpiresAt?.UtcTicks ?? -1);
        rest[32] = Record.Expiry.IsPersistent ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32LittleEndian(rest[33..], Record.Subject is null ? -1 : subjectBytes);
        if (Record.Subject is not null)
        {
            SessionText.Write(Record.Subject, rest[37..]);
        }

        values.CopyTo(bytes.AsSpan(HeaderBytes + subjectBytes));
        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote; <see langword="null"/> for what is damaged, or of another format.</summary>
    public static CacheEnvelope? Read(SessionHandle handle, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < MarkBytes || bytes.Span[0] != Format)
        {
            return null;
        }

        var version = BinaryPrimitives.ReadInt64LittleEndian(bytes.Span[1..]);
        if (bytes.Span[MarkBytes - 1] == 0)
        {
            return AtLeast(version);
        }

        try
        {
            return bytes.Length < HeaderBytes ? null : Of(ReadRecord(handle, version, bytes));
        }
        catch (Exception fault) when (fault is ArgumentException or SessionStoreException)
        {
            return null;
        }
    }

    private static SessionRecord ReadRecord(SessionHandle handle, long version, ReadOnlyMemory<byte> bytes)
    {
        var rest = bytes.Span[MarkBytes..];
        var subjectBytes = BinaryPrimitives.ReadInt32LittleEndian(rest[33..]);
        return new SessionRecord
        {
            Handle = handle,
            Version = version,
            CreatedAt = Moment(BinaryPrimitives.ReadInt64LittleEndian(rest)),
            LastSeenAt = Moment(BinaryPrimitives.ReadInt64LittleEndian(rest[8..])),
            Expiry = new SessionExpiry
            {
                IdleTimeout = BinaryPrimitives.ReadInt64LittleEndian(rest[16..]) is >= 0 and var idle ? TimeSpan.FromTicks(idle) : null,
                AbsoluteExpiresAt = BinaryPrimitives.ReadInt64LittleEndian(rest[24..]) is >= 0 and var end ? Moment(end) : null,
                IsPersistent = rest[32] != 0,
            },
            Subject = subjectBytes < 0 ? null : SessionText.Read(rest.Slice(37, subjectBytes)),
            Values = SessionValues.FromBytes(bytes[(HeaderBytes + Math.Max(subjectBytes, 0))..]),
        };
    }

    private static DateTimeOffset Moment(long utcTicks) => new(utcTicks, TimeSpan.Zero);
}
