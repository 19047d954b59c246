using System.Text;
using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>Data: every byte of a value, every character of a key or subject and every moment comes back as it went in.</summary>
public abstract class DataFidelityConformance : ConformanceTest
{
    /// <summary>Texts that stores, encodings and collations like to change.</summary>
    public static TheoryData<string> Texts =>
    [
        "plain",
        " spaces around ",
        "UPPER and lower",
        "caf\u00e9",
        "cafe\u0301",
        "quotes ' \" ` and \\ backslashes \\u0041 %s $1 @p {0} ${x} :name",
        "a.b.c[0]->>'d'; DROP TABLE sessions; --",
        "\u0001\u0002\b\t\n\r\u001b\u007f\u0085",
        "\ufeffbyte order mark",
        "\u202eright to left \u0634\u0628\u0643\u0629 \u200b\u2028\u2029",
        "\u6f22\u5b57 \ud55c\uad6d\uc5b4 \ufffd\ufffe\uffff",
        "\U0001f600 \U0001f469\u200d\U0001f680 \U0001d518",
        "null",
        "__v",
    ];

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task A_text_survives_as_a_key_and_as_a_value(string text)
    {
        var expected = Values((text, text));
        var created = await CreateAsync(values: expected);
        Assert.Equal(expected, created.Values);

        await SaveAsync(created.Handle, new() { Clears = true });
        await SaveAsync(created.Handle, Set((text, text)));
        Assert.Equal(expected, (await LoadLiveAsync(created.Handle)).Values);

        await SaveAsync(created.Handle, Remove(text));
        Assert.Empty((await LoadLiveAsync(created.Handle)).Values);
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task A_text_survives_as_a_subject(string text) => Assert.Equal(text, (await CreateAsync(subject: text)).Subject);

    [Fact]
    public async Task Every_plane_of_Unicode_survives_in_keys_and_subjects()
    {
        for (var plane = 0; plane <= 16; plane++)
        {
            var text = string.Concat(new[] { 0x41, 0x0fff, 0xfffd }.Select(low => new Rune((plane << 16) | low)));

            var created = await CreateAsync(text, values: Values((text, text)));

            Assert.Equal(text, created.Subject);
            Assert.Equal(Values((text, text)), created.Values);
        }
    }

    [Fact]
    public async Task Keys_that_look_alike_are_different_keys()
    {
        var expected = Values(
            ("a", "1"), ("A", "2"), ("a ", "3"), (" a", "4"), ("\u00e4", "5"), ("a\u0308", "6"), ("\u0430", "7"), ("ss", "8"), ("\u00df", "9"),
            ("1", "10"), ("01", "11"), ("1.0", "12"), ("\uffff", "13"), ("\U00010000", "14"));

        var created = await CreateAsync(values: expected);
        Assert.Equal(expected, created.Values);

        await SaveAsync(created.Handle, Remove("a"));
        Assert.Equal(expected.Count - 1, (await LoadLiveAsync(created.Handle)).Values.Count);
    }

    [Fact]
    public async Task Every_byte_survives_and_so_do_none()
    {
        var all = Enumerable.Range(0, 256).Select(static i => (byte)i).ToArray();
        var expected = SessionValues.From(
        [
            new("empty", ReadOnlyMemory<byte>.Empty),
            new("zero", new byte[] { 0 }),
            new("zeros", new byte[1000]),
            new("all", all),
            new("no UTF-8", new byte[] { 0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80 }),
            new("ends within a character", new byte[] { 0x61, 0xe2, 0x82 }),
            new("NUL within", Bytes("a\0b")),
            new("JSON", Bytes("""{"a":[1.0,"\u0000",null]}""")),
            new("base64", Bytes("AAECAw==")),
            new("escaped", Bytes("\\x00 \\\\ %00 &amp;")),
            new("number", Bytes("00012.50")),
        ]);

        var created = await CreateAsync(values: expected);
        Assert.Equal(expected, created.Values);

        await SaveAsync(created.Handle, new() { Clears = true, Sets = expected });
        Assert.Equal(expected, (await LoadLiveAsync(created.Handle)).Values);
    }

    [Fact]
    public async Task A_value_of_a_mebibyte_survives()
    {
        const int seed = 20_260_101;
        var large = new byte[SessionLimits.Default.MaxValueBytes];
        SeededRandom(seed).NextBytes(large);
        var session = await CreateAsync(values: Values(("small", "1")));

        await SaveAsync(session.Handle, new() { Sets = SessionValues.From([new("large", large)]) });
        await SaveAsync(session.Handle, Set(("small", "2")));

        var now = await LoadLiveAsync(session.Handle);
        Assert.True(now.Values["large"].Span.SequenceEqual(large), $"1 MiB of Random({seed}) came back otherwise.");
        Assert.Equal(2, now.Values.Count);
    }

    [Fact]
    public async Task A_thousand_keys_survive()
    {
        var expected = Values([.. Enumerable.Range(0, SessionLimits.Default.MaxKeys).Select(static i => ($"key {i}", $"{i}"))]);

        var created = await CreateAsync(values: expected);
        Assert.Equal(expected, created.Values);

        var other = await CreateAsync(values: SessionValues.Empty);
        await SaveAsync(other.Handle, new() { Sets = expected });
        Assert.Equal(expected, (await LoadLiveAsync(other.Handle)).Values);

        await SaveAsync(other.Handle, Remove([.. expected.Keys]));
        Assert.Empty((await LoadLiveAsync(other.Handle)).Values);
    }

    [Fact]
    public async Task The_longest_keys_and_subjects_survive()
    {
        var key = string.Concat(Enumerable.Repeat("\U0001f600", SessionLimits.Default.MaxKeyBytes / 4));
        var subject = string.Concat(Enumerable.Repeat("\u00e9", SessionRecord.MaxSubjectBytes / 2));
        var longer = new string('k', 4_000);

        var created = await CreateAsync(subject, values: Values((key, "1"), (longer, "2"), (longer[1..], "3")));

        Assert.Equal(subject, created.Subject);
        Assert.Equal(Values((key, "1"), (longer, "2"), (longer[1..], "3")), created.Values);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_changes_give_what_the_model_gives(int seed)
    {
        var random = SeededRandom(seed);
        var model = new Dictionary<string, ReadOnlyMemory<byte>>();
        var session = await CreateAsync(values: SessionValues.Empty);
        for (var step = 0; step < 40; step++)
        {
            var changes = RandomChanges(random);
            if (changes.Clears)
            {
                model.Clear();
            }

            foreach (var (key, value) in changes.Sets)
            {
                model[key] = value;
            }

            foreach (var key in changes.Removes)
            {
                model.Remove(key);
            }

            await SaveAsync(session.Handle, changes);
            var now = await LoadLiveAsync(session.Handle);
            Assert.True(SessionValues.From(model).Equals(now.Values), $"Seed {seed}, step {step}: the store and the model differ.");
        }
    }

    [Fact]
    public async Task Times_survive_to_the_resolution_of_the_clock()
    {
        var began = (Now - TimeSpan.FromDays(1) - TimeSpan.FromTicks(7_654_321)).ToOffset(TimeSpan.FromHours(9));
        var end = (Now + TimeSpan.FromDays(1) + TimeSpan.FromTicks(1_234_567)).ToOffset(TimeSpan.FromHours(-7));
        var idle = TimeSpan.FromHours(5) + TimeSpan.FromTicks(7_654_321);

        var created = await CreateAsync(NewRecord(expiry: new() { IdleTimeout = idle, AbsoluteExpiresAt = end }) with { CreatedAt = began });

        AssertSameTime(began, created.CreatedAt);
        AssertSameTime(end, created.AbsoluteExpiresAt);
        AssertSameTime(created.LastSeenAt + idle, created.IdleExpiresAt);
        await SaveAsync(created.Handle, Set(("a", "1")));
        var saved = await LoadLiveAsync(created.Handle);
        Assert.Equal((created.CreatedAt, created.Expiry), (saved.CreatedAt, saved.Expiry));
    }

    [Fact]
    public async Task The_longest_and_the_shortest_expiry_survive()
    {
        var longest = await CreateAsync(expiry: new() { IdleTimeout = SessionExpiry.Longest, Lifetime = SessionExpiry.Longest });
        Assert.Equal(SessionExpiry.Longest, longest.Expiry.IdleTimeout);
        AssertAge(-SessionExpiry.Longest, longest.AbsoluteExpiresAt);

        var idleOnly = await CreateAsync(expiry: SessionExpiry.Idle(IdleTimeout));
        Assert.Equal(SessionExpiry.Idle(IdleTimeout), idleOnly.Expiry);

        var fixedOnly = await CreateAsync(expiry: SessionExpiry.In(Lifetime));
        Assert.Null(fixedOnly.Expiry.IdleTimeout);
        Assert.NotNull(fixedOnly.AbsoluteExpiresAt);
    }

    private static SessionChanges RandomChanges(Random random)
    {
        var sets = new Dictionary<string, ReadOnlyMemory<byte>>();
        for (var i = random.Next(4); i > 0; i--)
        {
            var value = new byte[random.Next(3) == 0 ? 0 : random.Next(200)];
            random.NextBytes(value);
            sets[RandomKey(random)] = value;
        }

        var removes = new HashSet<string>();
        for (var i = random.Next(3); i > 0; i--)
        {
            removes.Add(RandomKey(random));
        }

        removes.ExceptWith(sets.Keys);
        return new() { Clears = random.Next(10) == 0, Sets = sets, Removes = removes };
    }

    private static string RandomKey(Random random) => char.ConvertFromUtf32(0x1f600 + random.Next(6)) + (char)('a' + random.Next(3));
}
