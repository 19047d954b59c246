namespace KvSessions.Core.Tests.Model;

public sealed class SessionValuesFormatTests
{
    [Fact]
    public Task Random_maps_survive_the_binary_form() =>
        Seeded.ForEachAsync(
            300,
            random =>
            {
                var map = RandomMap(random);
                Assert.True(map.Equals(SessionValues.FromBytes(map.ToByteArray())));
                return Task.CompletedTask;
            });

    [Fact]
    public Task Every_truncation_is_corrupt() =>
        Seeded.ForEachAsync(
            20,
            random =>
            {
                var bytes = RandomMap(random).ToByteArray();
                for (var length = 0; length < bytes.Length; length++)
                {
                    AssertCorrupt(bytes[..length]);
                }

                AssertCorrupt([.. bytes, 0]);
                return Task.CompletedTask;
            });

    [Fact]
    public Task Flipped_bits_are_corrupt_or_another_valid_map() =>
        Seeded.ForEachAsync(
            2_000,
            random =>
            {
                var bytes = RandomMap(random).ToByteArray();
                for (var flips = random.Next(1, 4); flips > 0; flips--)
                {
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                }

                AssertCorruptOrValid(bytes);
                return Task.CompletedTask;
            });

    [Fact]
    public Task Random_bytes_are_corrupt_or_a_valid_map() =>
        Seeded.ForEachAsync(
            2_000,
            random =>
            {
                var bytes = new byte[random.Next(1, 64)];
                random.NextBytes(bytes);
                bytes[0] = 1;
                AssertCorruptOrValid(bytes);
                return Task.CompletedTask;
            });

    [Theory]
    [InlineData("01FFFFFF7F")]
    [InlineData("01FFFFFFFF")]
    [InlineData("01000000FF")]
    [InlineData("0101000000" + "FFFFFF7FFFFFFF7F61")]
    [InlineData("0101000000" + "01000000FFFFFFFF61")]
    [InlineData("0101000000" + "FFFFFFFF0100000061")]
    [InlineData("0101000000" + "000000000100000061")]
    [InlineData("0101000000" + "0100000000000000FF")]
    [InlineData("0102000000" + "010000000000000062" + "010000000000000061")]
    [InlineData("0102000000" + "010000000000000061" + "010000000000000061")]
    public void Lengths_that_lie_and_keys_out_of_order_are_corrupt_and_cost_no_memory(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        var before = GC.GetAllocatedBytesForCurrentThread();

        AssertCorrupt(bytes);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void A_number_of_entries_for_which_there_is_no_room_costs_no_memory()
    {
        var bytes = new byte[100_000];
        bytes[0] = 1;
        BitConverter.TryWriteBytes(bytes.AsSpan(1), 100_000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        AssertCorrupt(bytes);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(255)]
    public void A_format_of_another_version_is_named_and_not_guessed_at(byte format)
    {
        byte[] bytes = [format, 0, 0, 0, 0];

        var fault = Assert.Throws<SessionStoreException>(() => SessionValues.FromBytes(bytes));

        Assert.Equal(SessionStoreError.Corrupt, fault.Error);
        Assert.Contains($"format {format}", fault.Message, StringComparison.Ordinal);
    }

    private static void AssertCorrupt(byte[] bytes) =>
        Assert.Equal(SessionStoreError.Corrupt, Assert.Throws<SessionStoreException>(() => SessionValues.FromBytes(bytes)).Error);

    private static void AssertCorruptOrValid(byte[] bytes)
    {
        try
        {
            Assert.Equal(bytes, SessionValues.FromBytes(bytes).ToByteArray());
        }
        catch (SessionStoreException fault)
        {
            Assert.Equal(SessionStoreError.Corrupt, fault.Error);
        }
    }

    private static SessionValues RandomMap(Random random)
    {
        var map = new Dictionary<string, byte[]>();
        for (var keys = random.Next(8); keys > 0; keys--)
        {
            var value = new byte[random.Next(40)];
            random.NextBytes(value);
            map[string.Concat(random.GetItems(["a", "B", "é", "😀", "-", "\u0001"], random.Next(1, 6)))] = value;
        }

        return Records.Values([.. map.Select(entry => (entry.Key, entry.Value))]);
    }
}
