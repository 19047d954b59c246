using System.Buffers.Text;
using System.Text;
using StackExchange.Redis;

namespace KvSessions.Stores.Redis;

/// <summary>
/// The hash of a session: a field for each of its keys, and one field, called by the one character that is in no key, for everything
/// else (<c>Scripts/session.lua</c>).
/// </summary>
internal static class SessionHash
{
    /// <summary>The field for everything else.</summary>
    public static readonly RedisValue MetaField = new byte[] { 0 };

    private static readonly Encoding Strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A session as <c>HGETALL</c> gives it; <see langword="null"/> for a key that is not there.</summary>
    /// <exception cref="SessionStoreException">The hash is in another format, or damaged.</exception>
    public static SessionRecord? Read(SessionHandle handle, ReadOnlySpan<HashEntry> fields)
    {
        if (fields.IsEmpty)
        {
            return null;
        }

        ReadOnlyMemory<byte> meta = default;
        var values = new KeyValuePair<string, ReadOnlyMemory<byte>>[fields.Length - 1];
        var count = 0;
        foreach (var field in fields)
        {
            ReadOnlyMemory<byte> name = field.Name;
            if (name.Length == 1 && name.Span[0] == 0)
            {
                meta = field.Value;
            }
            else if (count < values.Length)
            {
                values[count++] = new(ReadText(handle, name.Span), field.Value);
            }
        }

        return count == values.Length ? ReadMeta(handle, meta.Span, values) : throw Corrupt(handle);
    }

    /// <summary>What became of a save, as its script says it: the first part of the meta field.</summary>
    public static SaveResult ReadSaved(SessionHandle handle, ReadOnlySpan<byte> head)
    {
        var meta = new MetaReader(head);
        return meta.TryReadHead(out var read)
            ? SaveResult.Saved(read.Version, read.LastSeenAt, read.Expiry)
            : throw Corrupt(handle);
    }

    public static SessionStoreException Corrupt(SessionHandle handle) =>
        new(SessionStoreError.Corrupt, $"The stored session {handle} is damaged, or in a format of a newer version.");

    private static SessionRecord ReadMeta(
        SessionHandle handle, ReadOnlySpan<byte> bytes, KeyValuePair<string, ReadOnlyMemory<byte>>[] values)
    {
        var meta = new MetaReader(bytes);
        if (!meta.TryReadHead(out var head) || !meta.TryReadSubject(out var subject))
        {
            throw Corrupt(handle);
        }

        try
        {
            var record = new SessionRecord
            {
                Handle = handle,
                Version = head.Version,
                CreatedAt = head.CreatedAt,
                LastSeenAt = head.LastSeenAt,
                Expiry = head.Expiry,
                Subject = subject.IsEmpty ? null : ReadText(handle, subject),
                Values = SessionValues.From(values),
            };

            // Must be a moment at all: later steps rely on it.
            _ = record.ExpiresAt;
            return record;
        }
        catch (ArgumentException)
        {
            // Its message may quote what is stored.
            throw Corrupt(handle);
        }
    }

    private static string ReadText(SessionHandle handle, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Corrupt(handle);
        }
    }

    private readonly record struct Head(long Version, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt, SessionExpiry Expiry);

    private ref struct MetaReader(ReadOnlySpan<byte> bytes)
    {
        private const int Format = 1;
        private const int OwnerLength = 22;

        private ReadOnlySpan<byte> _rest = bytes;

        public bool TryReadHead(out Head head)
        {
            head = default;
            if (!TryRead(out var format) || format != Format
                || !TryRead(out var version) || version is null
                || !TryRead(out var size) || size is null
                || !TryReadMoment(out var created) || created is null
                || !TryReadMoment(out var seen) || seen is null
                || !TryReadDuration(out var idle)
                || !TryReadMoment(out var absolute)
                || !TryRead(out var persistent) || persistent is not (0 or 1))
            {
                return false;
            }

            var expiry = new SessionExpiry { IdleTimeout = idle, AbsoluteExpiresAt = absolute, IsPersistent = persistent == 1 };
            head = new Head(version.Value, created.Value, seen.Value, expiry);
            return true;
        }

        // "owner subject", or nothing.
        public bool TryReadSubject(out ReadOnlySpan<byte> subject)
        {
            subject = default;
            if (_rest.IsEmpty)
            {
                return true;
            }

            if (_rest.Length < OwnerLength + 2 || _rest[OwnerLength] != ' ')
            {
                return false;
            }

            subject = _rest[(OwnerLength + 1)..];
            return true;
        }

        private bool TryReadMoment(out DateTimeOffset? moment)
        {
            moment = null;
            if (!TryRead(out var milliseconds)
                || milliseconds < DateTimeOffset.MinValue.ToUnixTimeMilliseconds()
                || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
            {
                return false;
            }

            moment = milliseconds is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value) : null;
            return true;
        }

        private bool TryReadDuration(out TimeSpan? duration)
        {
            duration = null;
            if (!TryRead(out var milliseconds) || milliseconds <= 0 || milliseconds > (long)SessionExpiry.Longest.TotalMilliseconds)
            {
                return false;
            }

            duration = milliseconds is { } value ? TimeSpan.FromMilliseconds(value) : null;
            return true;
        }

        // A number, or "-" for none, and the space after it.
        private bool TryRead(out long? number)
        {
            number = null;
            var end = _rest.IndexOf((byte)' ');
            var word = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? [] : _rest[(end + 1)..];
            if (word.SequenceEqual("-"u8))
            {
                return true;
            }

            var isNumber = Utf8Parser.TryParse(word, out long value, out var length) && length == word.Length;
            number = value;
            return isNumber;
        }
    }
}
