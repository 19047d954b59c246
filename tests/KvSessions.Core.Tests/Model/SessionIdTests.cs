namespace KvSessions.Core.Tests.Model;

public sealed class SessionIdTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    [Fact]
    public void An_id_is_43_characters_of_base64url_and_no_two_are_alike()
    {
        var texts = Enumerable.Range(0, 10_000).Select(_ => SessionId.New().Reveal()).ToHashSet();

        Assert.Equal(10_000, texts.Count);
        Assert.All(texts, text => Assert.Matches("^[A-Za-z0-9_-]{43}$", text));
    }

    [Fact]
    public void Every_character_of_an_id_is_random()
    {
        var ids = Enumerable.Range(0, 2_000).Select(_ => SessionId.New().Reveal()).ToList();

        // 2,000 draws of 64 letters miss a given one with a chance of (63/64)^2000 = 2e-14. The last letter holds 4 bits: 16 letters.
        for (var i = 0; i < SessionId.TextLength; i++)
        {
            Assert.Equal(i == SessionId.TextLength - 1 ? 16 : 64, ids.Select(text => text[i]).Distinct().Count());
        }
    }

    [Fact]
    public void The_text_of_an_id_leads_back_to_the_same_session()
    {
        var id = SessionId.New();

        Assert.True(SessionId.TryParse(id.Reveal(), out var again));
        Assert.Equal(id, again);
        Assert.Equal(id.Handle, again.Handle);
        Assert.Equal(id.GetHashCode(), again.GetHashCode());
        Assert.NotEqual(id, SessionId.New());
        Assert.True(id.Equals((object)again));
        Assert.False(id.Equals(null));
        Assert.False(id.Equals((object?)null));
    }

    [Fact]
    public void Only_one_spelling_of_the_last_character_is_accepted()
    {
        var text = SessionId.New().Reveal();

        var accepted = Alphabet.Select(last => text[..^1] + last).Where(spelling => SessionId.TryParse(spelling, out _)).ToList();

        Assert.Equal(16, accepted.Count);
        Assert.Contains(text, accepted);
        Assert.Equal(16, accepted.Select(spelling => SessionId.TryParse(spelling, out var id) ? id.Handle : default).Distinct().Count());
    }

    [Fact]
    public void Malformed_text_is_no_id_and_never_throws()
    {
        var text = SessionId.New().Reveal();
        string[] malformed =
        [
            "", " ", text[..^1], text + "A", text + "=", text[..^1] + "=", " " + text[1..], text[..^1] + "\n", "\"" + text[1..],
            text[..20] + "+" + text[21..], text[..20] + "/" + text[21..], text[..20] + "é" + text[21..], text[..20] + "\0" + text[21..],
            text[..20] + " " + text[21..], text[..20] + "." + text[21..], new string('A', 100_000), new string('\ud800', 43), "%" + text[1..],
        ];

        Assert.All(malformed, input => Assert.False(SessionId.TryParse(input, out _)));
    }

    [Fact]
    public Task Random_text_of_the_right_length_is_an_id_in_its_own_spelling_or_none() =>
        Seeded.ForEachAsync(
            2_000,
            random =>
            {
                var text = string.Concat(random.GetItems<char>(Alphabet + (random.Next(2) == 0 ? "" : "+/= ."), 43));
                Assert.True(!SessionId.TryParse(text, out var id) || id.Reveal() == text, text);
                return Task.CompletedTask;
            });

    [Fact]
    public void The_secret_shows_neither_in_its_string_nor_in_its_handle()
    {
        var id = SessionId.New();

        Assert.Equal("SessionId(***)", id.ToString());
        Assert.DoesNotContain(id.Reveal(), id.Handle.ToString(), StringComparison.Ordinal);
    }
}
