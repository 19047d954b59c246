using System.Text;
using KvSessions;

namespace FileSessions;

/// <summary>
/// A session as a file: a format byte, the facts, and last the values, which have a format byte of their own. So a session can be found,
/// counted and ended even if only a newer version can read its values.
/// </summary>
internal static class SessionFile
{
    /// <summary>How many bytes of a file hold its facts, at most; up to two of them are the length of the subject.</summary>
    public const int MaxFactsLength = 1 + (5 * sizeof(long)) + 1 + 2 + SessionRecord.MaxSubjectBytes;

    private const byte Format = 1;
    private const long None = -1;

    // Strict: bytes that are no text must not become the name of somebody.
    private static readonly UTF8Encoding Text = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static byte[] ToBytes(SessionRecord record)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Text);
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

    /// <summary>Reads a whole file. The record keeps referring to <paramref name="bytes"/>.</summary>
    /// <exception cref="SessionStoreException">It is damaged, or in a newer format.</exception>
    public static SessionRecord Read(SessionHandle handle, byte[] bytes)
    {
        var record = ReadFacts(handle, bytes, out var length);
        return record with { Values = SessionValues.FromBytes(bytes.AsMemory(length)) };
    }

    /// <summary>Reads the facts from a file, or from its beginning. The record has no values.</summary>
    /// <exception cref="SessionStoreException">They are damaged, or in a newer format.</exception>
    public static SessionRecord ReadFacts(SessionHandle handle, byte[] bytes) => ReadFacts(handle, bytes, out _);

    private static SessionRecord ReadFacts(SessionHandle handle, byte[] bytes, out int length)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes), Text);
            if (reader.ReadByte() != Format)
            {
                throw new FormatException($"The format is {bytes[0]}; this version reads {Format}.");
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
                Subject = ReadText(reader) is { Length: > 0 } subject ? subject : null,
            };

            // Times that cannot be added up are no times either, and whoever asks later expects none of that.
            _ = record.ExpiresAt;
            length = (int)reader.BaseStream.Position;
            return record;
        }
        catch (Exception fault) when (fault is IOException or FormatException or ArgumentException)
        {
            throw new SessionStoreException(SessionStoreError.Corrupt, $"The file of the session {handle} cannot be read.", fault);
        }
    }

    // Not by the reader, which of a long text drops a character that is cut off at its end.
    private static string ReadText(BinaryReader reader)
    {
        var length = reader.Read7BitEncodedInt();
        var bytes = reader.ReadBytes(length);
        return bytes.Length == length ? Text.GetString(bytes) : throw new EndOfStreamException();
    }

    private static DateTimeOffset Moment(long ticks) => new(ticks, TimeSpan.Zero);
}
