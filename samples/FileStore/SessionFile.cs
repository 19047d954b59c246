using System.Text;
using KvSessions;

namespace FileSessions;

/// <summary>
/// A session as the bytes of its file: a format byte, the record's facts, and its values in their own format. Values that cannot be read do
/// not hide whose the session is and when it ends, so that it can still be ended.
/// </summary>
internal static class SessionFile
{
    private const byte Format = 1;
    private const long None = -1;

    public static byte[] Write(SessionRecord record)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(Format);
        writer.Write(record.Version);
        writer.Write(record.CreatedAt.UtcTicks);
        writer.Write(record.LastSeenAt.UtcTicks);
        writer.Write(record.Expiry.IdleTimeout?.Ticks ?? None);
        writer.Write(record.Expiry.AbsoluteExpiresAt?.UtcTicks ?? None);
        writer.Write(record.Expiry.IsPersistent);
        writer.Write(record.Subject ?? "");
        writer.Write(record.Values.ToByteArray());
        return bytes.ToArray();
    }

    /// <exception cref="SessionStoreException">The bytes are of another format or damaged (<see cref="SessionStoreError.Corrupt"/>).</exception>
    public static SessionRecord Read(SessionHandle handle, byte[] bytes)
    {
        var facts = ReadFacts(handle, bytes, out var values);
        try
        {
            return facts with { Values = SessionValues.FromBytes(values) };
        }
        catch (SessionStoreException fault)
        {
            throw Corrupt(handle, "has values that cannot be read", fault);
        }
    }

    /// <summary>The record without its values.</summary>
    /// <exception cref="SessionStoreException">The facts are in another format or damaged (<see cref="SessionStoreError.Corrupt"/>).</exception>
    public static SessionRecord ReadFacts(SessionHandle handle, byte[] bytes) => ReadFacts(handle, bytes, out _);

    private static SessionRecord ReadFacts(SessionHandle handle, byte[] bytes, out ReadOnlyMemory<byte> values)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes), new UTF8Encoding(false, throwOnInvalidBytes: true));
            if (reader.ReadByte() is var format && format != Format)
            {
                throw Corrupt(handle, $"is in format {format}; this version reads format {Format}");
            }

            var record = new SessionRecord
            {
                Handle = handle,
                Version = reader.ReadInt64(),
                CreatedAt = Moment(reader.ReadInt64()),
                LastSeenAt = Moment(reader.ReadInt64()),
                Expiry = new SessionExpiry
                {
                    IdleTimeout = reader.ReadInt64() is var idle and not None ? TimeSpan.FromTicks(idle) : null,
                    AbsoluteExpiresAt = reader.ReadInt64() is var end and not None ? Moment(end) : null,
                    IsPersistent = reader.ReadBoolean(),
                },
                Subject = reader.ReadString() is { Length: > 0 } subject ? subject : null,
            };

            // Must be a moment at all: every later step relies on it.
            _ = record.ExpiresAt;
            values = bytes.AsMemory((int)reader.BaseStream.Position);
            return record;
        }
        catch (Exception fault) when (fault is EndOfStreamException or ArgumentException or FormatException)
        {
            throw Corrupt(handle, "is damaged", fault);
        }
    }

    private static DateTimeOffset Moment(long utcTicks) => new(utcTicks, TimeSpan.Zero);

    private static SessionStoreException Corrupt(SessionHandle handle, string what, Exception? fault = null) =>
        new(SessionStoreError.Corrupt, $"The stored session {handle} {what}.", fault);
}
