namespace KvSessions.Core.Tests.Model;

public sealed class SessionValuesTests
{
    [Fact]
    public void Keys_are_found_and_listed_in_ordinal_order()
    {
        var values = Records.Values(("b", [2]), ("a", [1]), ("Z", [3]), ("é", [4]), ("aa", [5]));

        Assert.Equal(["Z", "a", "aa", "b", "é"], values.Keys);
        Assert.Equal([3, 1, 5, 2, 4], values.Values.Select(value => (int)value.Span[0]));
        Assert.Equal(values.Keys, values.Select(entry => entry.Key));
        Assert.All(values, entry => Assert.Equal(entry.Value, values[entry.Key]));
        Assert.False(values.TryGetValue("c", out _));
        Assert.False(values.ContainsKey("B"));
        Assert.Throws<KeyNotFoundException>(() => values["c"]);
        Assert.Equal(5 + 1 + 1 + 1 + 2 + 2, values.TotalBytes);
    }

    [Fact]
    public void A_key_that_is_no_text_or_comes_twice_is_refused()
    {
        Assert.All(
            new[] { "", "a\0", "\udfff" },
            key => Assert.StartsWith(
                "A session key must", Assert.Throws<ArgumentException>("entries", () => Records.Values((key, [1]))).Message, StringComparison.Ordinal));
        Assert.Throws<ArgumentException>(() => Records.Values(("a", [1]), ("b", [1]), ("a", [2])));
    }

    [Fact]
    public Task Random_changes_do_to_a_map_what_they_do_to_a_dictionary() =>
        Seeded.ForEachAsync(
            500,
            random =>
            {
                var (map, model) = (SessionValues.Empty, new Dictionary<string, byte[]>());
                for (var saves = 0; saves < 8; saves++)
                {
                    var sets = RandomKeys(random).ToDictionary(key => key, _ => new byte[random.Next(5)]);
                    var removes = RandomKeys(random).Except(sets.Keys).ToHashSet();
                    var clears = random.Next(6) == 0;
                    map = map.With(
                        new SessionChanges
                        {
                            Clears = clears,
                            Sets = sets.ToDictionary(entry => entry.Key, entry => (ReadOnlyMemory<byte>)entry.Value),
                            Removes = removes,
                        });

                    model = model.Where(entry => !clears && !removes.Contains(entry.Key) && !sets.ContainsKey(entry.Key)).Concat(sets).ToDictionary();
                    var expected = Records.Values([.. model.Select(entry => (entry.Key, entry.Value))]);
                    Assert.Equal(expected, map);
                    Assert.Equal(expected.Keys, map.Keys);
                    Assert.Equal(expected.TotalBytes, map.TotalBytes);
                    Assert.All(model.Keys, key => Assert.True(map.ContainsKey(key)));
                }

                return Task.CompletedTask;
            });

    [Fact]
    public void A_map_that_is_changed_stays_what_it_was()
    {
        var map = Records.Values(("a", [1]), ("b", [2]));

        var changed = map.With(Records.Sets("b", 9, 9));

        Assert.Equal([9, 9], changed["b"].ToArray());
        Assert.Equal(Records.Values(("a", [1]), ("b", [2])), map);
        Assert.Equal((4, 5), (map.TotalBytes, changed.TotalBytes));
    }

    [Fact]
    public void An_empty_map_takes_up_no_memory_of_its_own()
    {
        Assert.Same(SessionValues.Empty, Records.Values());
        Assert.Same(SessionValues.Empty, SessionValues.FromBytes(SessionValues.Empty.ToByteArray()));
        Assert.Same(SessionValues.Empty, Records.Values(("a", [1])).With(new SessionChanges { Clears = true }));
    }

    [Fact]
    public void Maps_are_equal_when_keys_and_bytes_are()
    {
        var map = Records.Values(("a", [1, 2]), ("b", []));

        Assert.Equal(map, Records.Values(("b", []), ("a", [1, 2])));
        Assert.Equal(map.GetHashCode(), Records.Values(("b", []), ("a", [1, 2])).GetHashCode());
        Assert.False(map.Equals(Records.Values(("a", [1, 3]), ("b", []))));
        Assert.False(map.Equals(Records.Values(("a", [1, 2]), ("c", []))));
        Assert.False(map.Equals(Records.Values(("a", [1, 2]))));
        Assert.False(map.Equals(null));
        Assert.True(map.Equals((object)Records.Values(("b", []), ("a", [1, 2]))));
        Assert.False(map.Equals((object)"a map"));
    }

    [Fact]
    public void Every_map_survives_the_binary_form()
    {
        (string, byte[])[] odd = [("k", []), ("NUL", [0, 0, 0]), ("é😀", [255, 254]), (new string('x', 5_000), new byte[100_000])];

        foreach (var map in new[] { SessionValues.Empty, Records.Values(odd), Records.Values(odd[0]) })
        {
            var again = SessionValues.FromBytes(map.ToByteArray());
            Assert.True(map.Equals(again));
            Assert.Equal(map.TotalBytes, again.TotalBytes);
        }
    }

    [Fact]
    public void The_binary_form_is_the_one_that_older_nodes_wrote() =>
        Assert.Equal(
            "0102000000" + "0100000002000000" + "61" + "0102" + "0200000000000000" + "C3A9",
            Convert.ToHexString(Records.Values(("a", [1, 2]), ("é", [])).ToByteArray()));

    private static List<string> RandomKeys(Random random) =>
        [.. random.GetItems(["a", "B", "c", "é", "😀"], random.Next(4)).Distinct()];
}
