using System.Buffers.Binary;
using System.Text;

namespace KvSessions;

/// <summary>
/// The binary form of <see cref="SessionValues"/>: a format byte; the number of entries; then for each, in order of the keys, the
/// lengths of key and value, the key as UTF-8, and the value. Numbers are 32-bit little-endian.
/// </summary>
internal static class SessionValuesFormat
{
    private const byte Current = 1;
    private const int HeaderBytes = 1 + sizeof(int);
    private const int EntryBytes = sizeof(int) + sizeof(int);

    public static byte[] Write(KeyValuePair<string, ReadOnlyMemory<byte>>[] entries)
    {
        var size = HeaderBytes + entries.Sum(static entry => EntryBytes + SessionText.CountBytes(entry.Key) + entry.Value.Length);
        var bytes = new byte[size];
        bytes[0] = Current;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), entries.Length);
        var rest = bytes.AsSpan(HeaderBytes);
        foreach (var (key, value) in entries)
        {
            var keyBytes = SessionText.Write(key, rest[EntryBytes..]);
            BinaryPrimitives.WriteInt32LittleEndian(rest, keyBytes);
            BinaryPrimitives.WriteInt32LittleEndian(rest[sizeof(int)..], value.Length);
            value.Span.CopyTo(rest[(EntryBytes + keyBytes)..]);
            rest = rest[(EntryBytes + keyBytes + value.Length)..];
        }

        return bytes;
    }

    public static SessionValues Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty || bytes.Span[0] != Current)
        {
            throw new SessionStoreException(
                SessionStoreError.Corrupt,
                $"The stored session values are in format {(bytes.IsEmpty ? "(none)" : bytes.Span[0])}; this version reads format {Current}.");
        }

        if (bytes.Length < HeaderBytes)
        {
            throw Corrupt();
        }

        var count = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[1..]);
        var rest = bytes[HeaderBytes..];
        if (count < 0 || count > rest.Length / EntryBytes)
        {
            throw Corrupt();
        }

        var entries = new KeyValuePair<string, ReadOnlyMemory<byte>>[count];
        for (var i = 0; i < count; i++)
        {
            entries[i] = ReadEntry(ref rest);
            if (i > 0 && string.CompareOrdinal(entries[i - 1].Key, entries[i].Key) >= 0)
            {
                throw Corrupt();
            }
        }

        if (!rest.IsEmpty)
        {
            throw Corrupt();
        }

        return count == 0 ? SessionValues.Empty : new SessionValues(entries);
    }

    private static KeyValuePair<string, ReadOnlyMemory<byte>> ReadEntry(ref ReadOnlyMemory<byte> rest)
    {
        if (rest.Length < EntryBytes)
        {
            throw Corrupt();
        }

        var keyBytes = BinaryPrimitives.ReadInt32LittleEndian(rest.Span);
        var valueBytes = BinaryPrimitives.ReadInt32LittleEndian(rest.Span[sizeof(int)..]);
        rest = rest[EntryBytes..];
        if (keyBytes <= 0 || valueBytes < 0 || (long)keyBytes + valueBytes > rest.Length)
        {
            throw Corrupt();
        }

        try
        {
            var key = SessionText.Read(rest.Span[..keyBytes]);
            var value = rest.Slice(keyBytes, valueBytes);
            rest = rest[(keyBytes + valueBytes)..];
            return new(key, value);
        }
        catch (DecoderFallbackException)
        {
            throw Corrupt();
        }
    }

    private static SessionStoreException Corrupt() =>
        new(SessionStoreError.Corrupt, "The stored session values are corrupt.");
}
