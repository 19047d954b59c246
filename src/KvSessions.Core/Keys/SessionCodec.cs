using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace KvSessions;

/// <summary>Turns values into bytes and back. Stateless and safe for concurrent use.</summary>
/// <typeparam name="T">The type of the values.</typeparam>
public abstract class SessionCodec<T>
    where T : notnull
{
    /// <summary>Encodes a value. The array belongs to the session from then on. Whatever it throws becomes a <see cref="SessionCodecException"/>.</summary>
    public abstract byte[] Encode(T value);

    /// <summary>Decodes a value; <paramref name="bytes"/> must not be kept. Whatever it throws becomes a <see cref="SessionCodecException"/>.</summary>
    public abstract T Decode(ReadOnlyMemory<byte> bytes);
}

/// <summary>The codecs that come with KvSessions.</summary>
public static class SessionCodec
{
    internal const string ReflectionWarning =
        "JSON by reflection may not survive trimming or native compilation. Give the key a JsonTypeInfo or a codec.";

    /// <summary>Text as UTF-8. Unpaired surrogates are refused.</summary>
    public static SessionCodec<string> Utf8 { get; } =
        From<string>(
            static text =>
            {
                var bytes = new byte[SessionText.CountBytes(text)];
                SessionText.Write(text, bytes);
                return bytes;
            },
            static bytes => SessionText.Read(bytes.Span));

    /// <summary>Bytes as they are, copied both ways.</summary>
    public static SessionCodec<byte[]> Bytes { get; } = From<byte[]>(static value => value.AsSpan().ToArray(), static bytes => bytes.ToArray());

    /// <summary>JSON by reflection, by the defaults of <see cref="JsonSerializer"/>.</summary>
    [RequiresUnreferencedCode(ReflectionWarning)]
    [RequiresDynamicCode(ReflectionWarning)]
    public static SessionCodec<T> Json<T>(JsonSerializerOptions? options = null)
        where T : notnull
    {
        options ??= JsonSerializerOptions.Default;

        // As the serializer does at first use: options that the application made know no types yet.
        options.MakeReadOnly(populateMissingResolver: true);
        return Json((JsonTypeInfo<T>)options.GetTypeInfo(typeof(T)));
    }

    /// <summary>JSON by generated code.</summary>
    public static SessionCodec<T> Json<T>(JsonTypeInfo<T> typeInfo)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        return typeInfo is JsonTypeInfo<string> textInfo && JsonTextCodec.IsFor(textInfo)
            ? (SessionCodec<T>)(object)new JsonTextCodec(textInfo)
            : From<T>(
                value => JsonSerializer.SerializeToUtf8Bytes(value, typeInfo),
                bytes => JsonSerializer.Deserialize(bytes.Span, typeInfo)!);
    }

    /// <summary>A codec of two functions.</summary>
    public static SessionCodec<T> From<T>(Func<T, byte[]> encode, Func<ReadOnlyMemory<byte>, T> decode)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(encode);
        ArgumentNullException.ThrowIfNull(decode);
        return new PairCodec<T>(encode, decode);
    }

    private sealed class PairCodec<T>(Func<T, byte[]> encode, Func<ReadOnlyMemory<byte>, T> decode) : SessionCodec<T>
        where T : notnull
    {
        public override byte[] Encode(T value) => encode(value);

        public override T Decode(ReadOnlyMemory<byte> bytes) => decode(bytes);
    }
}
