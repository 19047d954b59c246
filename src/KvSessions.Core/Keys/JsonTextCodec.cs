using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace KvSessions;

/// <summary>
/// Text as JSON, exactly as the serializer writes and reads it. Most values of most sessions are text, and to set the serializer up for one
/// takes longer than to read it.
/// </summary>
internal sealed class JsonTextCodec(JsonTypeInfo<string> typeInfo) : SessionCodec<string>
{
    private readonly JsonReaderOptions _options = new()
    {
        AllowTrailingCommas = typeInfo.Options.AllowTrailingCommas,
        CommentHandling = typeInfo.Options.ReadCommentHandling,
        MaxDepth = typeInfo.Options.MaxDepth,
    };

    /// <summary>Whether it is the serializer's own converter that reads the text, and not one of the application's.</summary>
    public static bool IsFor(JsonTypeInfo<string> typeInfo) => typeInfo.Converter == JsonMetadataServices.StringConverter;

    public override byte[] Encode(string value) => JsonSerializer.SerializeToUtf8Bytes(value, typeInfo);

    public override string Decode(ReadOnlyMemory<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes.Span, _options);
        return reader.Read() && reader.TokenType == JsonTokenType.String && reader.BytesConsumed == bytes.Length
            ? reader.GetString()!
            : JsonSerializer.Deserialize(bytes.Span, typeInfo)!;
    }
}
