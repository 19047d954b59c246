using static KvSessions.AspNetCore.Tests.Keys;

namespace KvSessions.AspNetCore.Tests;

public sealed class SignedCookieTests
{
    private static readonly string Old = new('o', 32);
    private static readonly string New = new('n', 32);

    [Fact]
    public async Task A_signed_cookie_finds_its_session_and_an_unsigned_one_does_not()
    {
        await using var site = await StartAsync(New);
        using var browser = site.Browser();
        await browser.GetAsync("/write");
        var signed = browser.Session!;
        site.Store.Forget();

        Assert.Equal("7", (await browser.GetAsync("/read")).Body);
        Assert.NotNull(await site.StoredAsync(signed[..SessionId.TextLength]));
        site.Store.Forget();
        Assert.Equal("0", (await browser.SendAsync(HttpMethod.Get, "/read", $"session={signed[..SessionId.TextLength]}")).Body);
        Assert.Empty(site.Store.Calls);
    }

    [Fact]
    public async Task A_signed_cookie_that_was_tampered_with_anywhere_is_anonymous_and_never_reaches_the_store()
    {
        await using var site = await StartAsync(New);
        using var browser = site.Browser();
        await browser.GetAsync("/write");
        await browser.GetAsync("/read");
        var signed = browser.Session!;
        site.Store.Forget();
        var tampered = Enumerable.Range(0, signed.Length).SelectMany(i => new[] { 'A', 'B', 'C', 'Q', '-', '.' }.Select(c => signed[..i] + c + signed[(i + 1)..]))
            .Append(signed + "A").Append(signed[..^1]).Append(signed + "=").Append("." + signed).Append(signed + "." + signed)
            .Append(SessionId.New().Reveal() + signed[SessionId.TextLength..])
            .Concat("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".Select(last => signed[..^1] + last))
            .Where(value => value != signed).Distinct();

        foreach (var value in tampered)
        {
            Assert.True((await browser.SendAsync(HttpMethod.Get, "/read", $"session={value}")).Body == "0", value);
        }

        Assert.Empty(site.Store.Calls);
    }

    [Fact]
    public async Task Secrets_can_be_rotated_without_losing_a_session()
    {
        string cookie;
        await using (var before = await StartAsync(Old))
        {
            using var browser = before.Browser();
            await browser.GetAsync("/write");
            cookie = browser.Session!;
        }

        // The sessions of the other site are not here, so what counts is whether the store is asked.
        await using var during = await StartAsync(New, Old);
        await using var after = await StartAsync(New);
        foreach (var (site, calls) in new[] { (during, 1), (after, 0) })
        {
            using var browser = site.Browser();
            await browser.SendAsync(HttpMethod.Get, "/read", $"session={cookie}");
            Assert.Equal(calls, site.Store.Calls.Count);
        }

        using var client = during.Browser();
        await client.GetAsync("/write");
        using var stranger = after.Browser();
        await stranger.SendAsync(HttpMethod.Get, "/read", $"session={client.Session}");
        Assert.Single(after.Store.Calls);
    }

    [Fact]
    public async Task A_cookie_that_is_signed_for_another_name_is_anonymous()
    {
        await using var one = await StartAsync(New);
        using var browser = one.Browser();
        await browser.GetAsync("/write");
        await using var two = await Site.StartAsync(
            app => app.MapGet("/read", async (Session session) => await session.GetAsync(Number)),
            new SiteOptions
            {
                Cookie = c =>
                {
                    c.Name = "other";
                    c.Secrets.Add(New);
                },
            });
        using var stranger = two.Browser();

        await stranger.SendAsync(HttpMethod.Get, "/read", $"other={browser.Session}");

        Assert.Empty(two.Store.Calls);
    }

    private static Task<Site> StartAsync(params string[] secrets) =>
        Site.StartAsync(
            app =>
            {
                app.MapGet("/write", (Session session) => session.Set(Number, 7));
                app.MapGet("/read", async (Session session) => await session.GetAsync(Number));
            },
            new SiteOptions { Cookie = c => Array.ForEach(secrets, c.Secrets.Add) });
}
