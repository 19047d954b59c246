using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace KvSessions.Core.Tests.Keys;

public sealed class SessionKeyTests
{
    private const string Secret = "hunter2-the-secret";

    [Fact]
    public void A_key_keeps_its_value_as_JSON_unless_it_is_told_otherwise()
    {
        var key = new SessionKey<Cart>("cart");

        var bytes = key.Encode(new Cart("tea", 2));

        Assert.Equal("""{"Item":"tea","Count":2}""", Encoding.UTF8.GetString(bytes.Span));
        Assert.Equal(new Cart("tea", 2), key.Decode(bytes));
    }

    [Fact]
    public void A_key_can_have_JSON_of_generated_code()
    {
        var key = new SessionKey<Cart>("cart", CartJson.Default.Cart);

        var bytes = key.Encode(new Cart("tea", 2));

        Assert.Equal("""{"item":"tea","count":2}""", Encoding.UTF8.GetString(bytes.Span));
        Assert.Equal(new Cart("tea", 2), key.Decode(bytes));
    }

    [Fact]
    public void A_key_can_have_a_pair_of_functions()
    {
        var key = new SessionKey<int>("n", value => [(byte)value], bytes => bytes.Span[0]);

        Assert.Equal([7], key.Encode(7).ToArray());
        Assert.Equal(7, key.Decode(new byte[] { 7 }));
    }

    [Fact]
    public void A_name_that_no_store_could_keep_is_refused() =>
        Assert.All(
            new[] { "", "a\0b", "\ud800", "\udc00\ud800" },
            bad => Assert.StartsWith(
                "A session key must", Assert.Throws<ArgumentException>("name", () => new SessionKey<int>(bad)).Message, StringComparison.Ordinal));

    [Fact]
    public void A_name_that_is_null_is_refused() => Assert.Throws<ArgumentNullException>("name", () => new SessionKey<int>(null!));

    [Fact]
    public void What_a_codec_throws_becomes_an_error_that_names_key_and_type_and_holds_no_value()
    {
        var key = new SessionKey<Cart>("cart", _ => throw new FormatException(Secret), _ => throw new FormatException(Secret));

        foreach (var (verb, fault) in new[]
        {
            ("encoded", Assert.Throws<SessionCodecException>(() => { key.Encode(new Cart(Secret, 1)); })),
            ("decoded", Assert.Throws<SessionCodecException>(() => key.Decode(Encoding.UTF8.GetBytes(Secret)))),
        })
        {
            Assert.Contains(verb, fault.Message, StringComparison.Ordinal);
            Assert.Equal(("cart", typeof(Cart)), (fault.Key, fault.ValueType));
            Assert.Contains("'cart'", fault.Message, StringComparison.Ordinal);
            Assert.Contains(typeof(Cart).ToString(), fault.Message, StringComparison.Ordinal);
            Assert.Null(fault.InnerException);
            Assert.DoesNotContain(Secret, fault.ToString(), StringComparison.Ordinal);
            Assert.Empty(fault.Data);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("\"hunter2-the-secret\"")]
    [InlineData("{\"Count\":\"hunter2-the-secret\"}")]
    public void Bytes_of_another_shape_are_an_error_that_does_not_quote_them(string stored)
    {
        var fault = Assert.Throws<SessionCodecException>(() => new SessionKey<Cart>("cart").Decode(Encoding.UTF8.GetBytes(stored)));

        Assert.DoesNotContain(Secret, fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_that_cannot_be_decoded_harms_neither_the_session_nor_its_other_keys()
    {
        var bench = new SessionBench();
        var id = await bench.SeedAsync(number: 5);
        var session = bench.Open(id);
        var asCart = new SessionKey<Cart>(SessionBench.Number.Name);

        await Assert.ThrowsAsync<SessionCodecException>(async () => await session.GetAsync(asCart));
        await Assert.ThrowsAsync<SessionCodecException>(async () => await session.PopAsync(asCart));
        await Assert.ThrowsAsync<SessionCodecException>(async () => await session.UpdateAsync(asCart, cart => cart!));
        var record = (await session.GetRecordAsync())!;
        Assert.Throws<SessionCodecException>(() => record.Get(asCart));

        Assert.Equal(5, await session.GetAsync(SessionBench.Number));
        Assert.Equal(5, (await bench.StoredAsync(id))!.Get(SessionBench.Number));
    }

    [Fact]
    public void A_value_is_never_null()
    {
        var session = new SessionBench().Open();

        Assert.Throws<ArgumentNullException>(() => session.Set(SessionBench.Text, null!));
        Assert.Throws<SessionCodecException>(() => new SessionKey<string>("t", _ => [], _ => null!).Decode(default));
    }
}

public sealed record Cart(string Item, int Count);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Cart))]
internal sealed partial class CartJson : JsonSerializerContext;
