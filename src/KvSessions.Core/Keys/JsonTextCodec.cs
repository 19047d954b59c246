using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace KvSessions;

/// <summary>
/// Text as JSON, exactly as the serializer writes and reads it. Most values of most sessions are text, and to set the serializer up for one
/// takes longer than to read it.
/// </summary>
internal sealed class JsonTextCodec(JsonTypeInfo<string> typeInfo) : SessionCodec<string>
{
    /// <summary>Whether it is the serializer's own converter that reads the text, and not one of the application's.</summary>
    public static bool IsFor(JsonTypeInfo<string> typeInfo) => typeInfo.Converter == JsonMetadataServices.StringConverter;

    public override byte[] Encode(string value) => JsonSerializer.SerializeToUtf8Bytes(value, typeInfo);

    public override string Decode(ReadOnlyMemory<byte> bytes) => Read(bytes.Span) ?? JsonSerializer.Deserialize(bytes.Span, typeInfo)!;

    // A text and nothing else is the same by any options; whatever else there is, they decide.
    private static string? Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.String && reader.BytesConsumed == json.Length ? reader.GetString() : null;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // It may be right by the options; if not, the serializer says so as those who catch its exceptions expect.
            return null;
        }
    }
}
