using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace KvSessions.Core.Tests.Keys;

public sealed class SessionCodecTests
{
    public static MatrixTheoryData<string, bool> JsonTexts { get; } = new(
        [
            "\"plain\"", "\"\"", "\"\\u00e9\\n😀\"", " \"a\" ", "\"a\",", "/* why */ \"a\"", "\"a\" // why", "\"\\ud800\"",
            "null", "1", "[\"a\"]", "\"a\" \"b\"", "\"a", "",
        ],
        [false, true]);

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("é😀 NUL \0 and \ufeff")]
    public void Text_survives_UTF_8(string text)
    {
        var key = new SessionKey<string>("t", SessionCodec.Utf8);

        Assert.Equal(System.Text.Encoding.UTF8.GetBytes(text), key.Encode(text).ToArray());
        Assert.Equal(text, key.Decode(key.Encode(text)));
    }

    [Fact]
    public void Text_that_has_no_UTF_8_and_bytes_that_are_none_are_refused()
    {
        var key = new SessionKey<string>("t", SessionCodec.Utf8);
        string[] texts = ["\ud800", "a\udc00b", "\udc00\ud800"];
        byte[][] bytes = [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80]];

        Assert.All(texts, text => Assert.Throws<SessionCodecException>(() => { key.Encode(text); }));
        Assert.All(bytes, value => Assert.Throws<SessionCodecException>(() => key.Decode(value)));
    }

    [Fact]
    public async Task Bytes_are_copied_on_the_way_in_and_on_the_way_out()
    {
        var key = new SessionKey<byte[]>("b", SessionCodec.Bytes);
        var bench = new SessionBench();
        var (session, client) = bench.Request();
        byte[] value = [1, 2, 3];

        session.Set(key, value);
        value[0] = 99;
        (await session.GetAsync(key))![1] = 99;
        await session.CommitAsync();
        value[2] = 99;
        (await bench.Open(client.Id).GetAsync(key))![0] = 99;

        Assert.Equal([1, 2, 3], (await bench.Open(client.Id).GetAsync(key))!);
    }

    [Fact]
    public void JSON_takes_the_options_it_is_given()
    {
        var codec = SessionCodec.Json<Dictionary<string, int>>(new JsonSerializerOptions(JsonSerializerDefaults.Web) { WriteIndented = true });

        Assert.Contains((byte)'\n', codec.Encode(new() { ["a"] = 1 }));
    }

    [Theory]
    [MemberData(nameof(JsonTexts))]
    public void JSON_text_is_read_as_the_serializer_reads_it(string json, bool isLenient)
    {
        var options = isLenient
            ? new JsonSerializerOptions { AllowTrailingCommas = true, ReadCommentHandling = JsonCommentHandling.Skip }
            : JsonSerializerOptions.Default;
        var codec = SessionCodec.Json<string>(options);
        var bytes = System.Text.Encoding.UTF8.GetBytes(json);

        Assert.Equal(Outcome(() => JsonSerializer.Deserialize<string>(bytes, options)), Outcome(() => codec.Decode(bytes)));
    }

    [Fact]
    public void JSON_text_that_is_no_UTF_8_is_refused_as_the_serializer_refuses_it() =>
        Assert.Throws<JsonException>(() => SessionCodec.Json<string>().Decode(new byte[] { (byte)'"', 0xff, (byte)'"' }));

    [Fact]
    public void A_converter_of_text_that_the_application_has_is_asked()
    {
        var key = new SessionKey<string>("t", SessionCodec.Json<string>(new JsonSerializerOptions { Converters = { new UpperCase() } }));

        Assert.Equal("ABC", key.Decode(key.Encode("abc")));
    }

    [Fact]
    public void A_codec_of_nothing_is_refused()
    {
        Assert.Throws<ArgumentNullException>("encode", () => SessionCodec.From<int>(null!, _ => 1));
        Assert.Throws<ArgumentNullException>("decode", () => SessionCodec.From<int>(_ => [], null!));
        Assert.Throws<ArgumentNullException>("typeInfo", () => SessionCodec.Json((JsonTypeInfo<int>)null!));
        Assert.Throws<ArgumentNullException>("codec", () => new SessionKey<int>("n", (SessionCodec<int>)null!));
    }

    private static (string? Text, Type? Fault) Outcome(Func<string?> read)
    {
        string? text = null;
        var fault = Record.Exception(() => { text = read(); });
        return (text, fault?.GetType());
    }

    private sealed class UpperCase : JsonConverter<string>
    {
        public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetString()!.ToUpperInvariant();

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }
}
