using System.Buffers.Text;
using System.Security.Cryptography;

namespace KvSessions.Core.Tests.Model;

public sealed class SessionHandleTests
{
    [Fact]
    public void A_handle_is_the_SHA_256_of_the_bytes_of_the_id()
    {
        var id = SessionId.New();

        Assert.Equal(SHA256.HashData(Base64Url.DecodeFromChars(id.Reveal())), id.Handle.ToByteArray());
    }

    [Fact]
    public void Bytes_and_text_lead_back_to_the_same_handle()
    {
        var handle = SessionId.New().Handle;
        var copy = new byte[40];
        handle.CopyTo(copy);

        Assert.Equal(handle, new SessionHandle(handle.ToByteArray()));
        Assert.Equal(handle, new SessionHandle(copy.AsSpan(0, 32)));
        Assert.True(SessionHandle.TryParse(handle.ToString(), out var parsed));
        Assert.Equal(handle, parsed);
        Assert.Equal(SessionHandle.TextLength, handle.ToString().Length);
        Assert.Equal(handle.GetHashCode(), parsed.GetHashCode());
    }

    [Fact]
    public void The_bytes_belong_to_the_caller()
    {
        var handle = SessionId.New().Handle;
        var text = handle.ToString();

        handle.ToByteArray().AsSpan().Clear();

        Assert.Equal(text, handle.ToString());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void Anything_but_32_bytes_is_refused(int length) =>
        Assert.Throws<ArgumentException>(() => new SessionHandle(new byte[length]));

    [Fact]
    public void A_destination_that_is_too_short_is_refused() =>
        Assert.Throws<ArgumentException>(() => SessionId.New().Handle.CopyTo(new byte[31]));

    [Fact]
    public void Malformed_text_is_no_handle_and_never_throws()
    {
        var text = SessionId.New().Handle.ToString();
        string[] malformed =
        [
            "", text[..^1], text + "A", text[..^1] + "=", " " + text[1..], text[..20] + "+" + text[21..], text[..20] + "é" + text[21..],
            new string('A', 100_000),
        ];

        Assert.All(malformed, input => Assert.False(SessionHandle.TryParse(input, out _)));
        Assert.All(malformed, input => Assert.False(SessionHandle.TryParse(input, null, out _)));
        Assert.All(malformed, input => Assert.Throws<FormatException>(() => SessionHandle.Parse(input, null)));
        Assert.False(SessionHandle.TryParse(null, null, out _));
        Assert.Throws<ArgumentNullException>(() => SessionHandle.Parse(null!, null));
        Assert.Equal(text, SessionHandle.Parse(text, null).ToString());
    }

    [Fact]
    public void Handles_that_differ_in_one_bit_are_different()
    {
        var handle = SessionId.New().Handle;
        for (var bit = 0; bit < 8 * SessionHandle.ByteLength; bit++)
        {
            var bytes = handle.ToByteArray();
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            var other = new SessionHandle(bytes);

            Assert.True(other != handle && !other.Equals(handle) && !other.Equals((object)handle));
        }

        Assert.True(handle.Equals((object)new SessionHandle(handle.ToByteArray())));
        Assert.False(handle.Equals(null));
        Assert.False(handle.Equals("a handle"));
    }

    [Fact]
    public void Handles_are_in_the_order_of_their_bytes()
    {
        var handles = Enumerable.Range(0, 500).Select(_ => SessionId.New().Handle).ToList();
        var byBytes = handles.OrderBy(handle => Convert.ToHexString(handle.ToByteArray()), StringComparer.Ordinal).ToList();

        Assert.Equal(byBytes, handles.Order());
        for (var i = 1; i < byBytes.Count; i++)
        {
            var (less, more) = (byBytes[i - 1], byBytes[i]);
            Assert.True(less < more && more > less && less <= more && more >= less && less != more && !(less == more));
        }

        var same = new SessionHandle(byBytes[0].ToByteArray());
        Assert.True(same == byBytes[0] && same <= byBytes[0] && same >= byBytes[0] && !(same < byBytes[0]) && !(same > byBytes[0]));
    }
}
