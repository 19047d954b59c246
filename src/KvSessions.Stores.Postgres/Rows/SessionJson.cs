using System.Buffers;
using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace KvSessions.Stores.Postgres;

/// <summary>
/// Keys and values as a JSON object of strings, as jsonb can keep them: a value that is text is '=' and that text, any other is '#' and
/// its base64. Text is what is valid UTF-8 without U+0000, which jsonb does not take
/// (https://www.postgresql.org/docs/current/datatype-json.html).
/// </summary>
internal static class SessionJson
{
    private const byte TextMark = (byte)'=';
    private const byte BytesMark = (byte)'#';

    private static readonly JsonWriterOptions WriterOptions =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly byte[] Nothing = "{}"u8.ToArray();

    public static ReadOnlyMemory<byte> Write(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> values)
    {
        if (values.Count == 0)
        {
            return Nothing;
        }

        var buffer = new ArrayBufferWriter<byte>(EstimateBytes(values));
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            foreach (var (key, value) in values)
            {
                writer.WritePropertyName(key);
                WriteValue(writer, value.Span);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>Reads what <see cref="Write"/> wrote. The values may keep referring to <paramref name="json"/>.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static SessionValues Read(byte[] json)
    {
        var reader = new Utf8JsonReader(json);
        var decoded = Memory<byte>.Empty;
        var entries = new List<KeyValuePair<string, ReadOnlyMemory<byte>>>();
        try
        {
            Require(reader.Read() && reader.TokenType == JsonTokenType.StartObject);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var key = reader.GetString()!;
                Require(reader.Read() && reader.TokenType == JsonTokenType.String);
                entries.Add(new(key, ReadValue(ref reader, json, ref decoded)));
            }

            return SessionValues.From(entries);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            // The exception may quote what is stored.
            throw new FormatException("The values are not an object of marked strings.");
        }
    }

    private static void WriteValue(Utf8JsonWriter writer, ReadOnlySpan<byte> value)
    {
        var isText = Utf8.IsValid(value) && !value.Contains((byte)0);
        var length = 1 + (isText ? value.Length : Base64.GetMaxEncodedToUtf8Length(value.Length));
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            rented[0] = isText ? TextMark : BytesMark;
            if (isText)
            {
                value.CopyTo(rented.AsSpan(1));
            }
            else
            {
                Base64.EncodeToUtf8(value, rented.AsSpan(1), out _, out _);
            }

            writer.WriteStringValue(rented.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }

    // What is not escaped stays where it is; the rest shares one array, which is long enough for all of it, because nothing gets longer.
    private static ReadOnlyMemory<byte> ReadValue(ref Utf8JsonReader reader, byte[] json, ref Memory<byte> decoded)
    {
        Memory<byte> text;
        if (reader.ValueIsEscaped)
        {
            Reserve(ref decoded, json.Length - (int)reader.TokenStartIndex);
            var written = reader.CopyString(decoded.Span);
            (text, decoded) = (decoded[..written], decoded[written..]);
        }
        else
        {
            text = json.AsMemory((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
        }

        Require(text.Length > 0);
        switch (text.Span[0])
        {
            case TextMark:
                return text[1..];

            case BytesMark:
                // In place: what is decoded is shorter, and nobody reads the rest again.
                var status = Base64.DecodeFromUtf8InPlace(text.Span[1..], out var bytes);
                Require(status == OperationStatus.Done);
                return text.Slice(1, bytes);

            default:
                throw new FormatException("A value is marked neither as text nor as bytes.");
        }
    }

    private static void Reserve(ref Memory<byte> decoded, int atLeast)
    {
        if (decoded.IsEmpty)
        {
            decoded = new byte[atLeast];
        }
    }

    private static void Require(bool condition)
    {
        if (!condition)
        {
            throw new FormatException("The values are not an object of marked strings.");
        }
    }

    private static int EstimateBytes(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> values)
    {
        var bytes = 16L;
        foreach (var (key, value) in values)
        {
            bytes += key.Length + value.Length + (value.Length / 8) + 16;
        }

        return (int)Math.Min(bytes, Array.MaxLength);
    }
}
