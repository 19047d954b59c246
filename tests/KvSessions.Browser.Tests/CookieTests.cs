using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KvSessions.Browser.Tests;

public sealed class CookieTests(Chromium chromium) : SiteTest(chromium)
{
    [Fact]
    public async Task The_cookie_is_for_this_site_and_this_browser_session_only_and_hidden_from_scripts()
    {
        var visitor = await NewVisitorAsync();
        await visitor.SignInAsync();

        var cookie = await visitor.CookieAsync();

        Assert.Equal("session", cookie.Name);
        Assert.Equal(43, cookie.Value.Length);
        Assert.Equal(("127.0.0.1", "/"), (cookie.Domain, cookie.Path));
        Assert.Equal(-1, cookie.Expires);
        Assert.Equal(SameSiteAttribute.Lax, cookie.SameSite);
        Assert.True(cookie.HttpOnly);
        Assert.False(cookie.Secure);
        Assert.Equal("", await visitor.Page.EvaluateAsync<string>("document.cookie"));
    }

    [Fact]
    public async Task Remember_me_makes_it_last_for_thirty_days_until_signing_out()
    {
        var visitor = await NewVisitorAsync();
        var before = TimeProvider.System.GetUtcNow().AddDays(30).ToUnixTimeSeconds();

        await visitor.SignInAsync(remember: true);

        var remembered = await visitor.CookieAsync();
        var after = TimeProvider.System.GetUtcNow().AddDays(30).ToUnixTimeSeconds();
        Assert.InRange(remembered.Expires, before - 1, after + 1);
        Assert.True(remembered.HttpOnly);

        await visitor.SignOutAsync();
        Assert.Equal(-1, (await visitor.CookieAsync()).Expires);
    }

    [Fact]
    public async Task There_is_no_cookie_before_there_is_something_to_keep()
    {
        var visitor = await NewVisitorAsync();

        await visitor.OpenAsync("/cart");
        await visitor.OpenAsync("/no-such-page");
        await visitor.OpenAsync("/site.css");

        Assert.Empty(await visitor.CookiesAsync());
    }

    [Fact]
    public async Task A_tampered_cookie_is_nobody_and_harms_nobody()
    {
        var (owner, stranger) = (await NewVisitorAsync(), await NewVisitorAsync());
        await owner.SignInAsync();
        var id = (await owner.CookieAsync()).Value;

        foreach (var tampered in (string[])
            [
                (id[0] == 'A' ? 'B' : 'A') + id[1..], id[..^1], id + "A", id.ToUpperInvariant(), new('A', 43), new('A', 3000), "' OR 1=1 --",
            ])
        {
            await stranger.PlantCookieAsync(tampered);
            var answer = await stranger.OpenAsync("/");

            Assert.Equal(200, answer!.Status);
            await stranger.ExpectAnonymousAsync();
            Assert.NotEqual(tampered, (await stranger.CookieAsync()).Value);
        }

        await owner.OpenAsync("/devices");
        await owner.ExpectSignedInAsync();
        await Expect(owner.Page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Listitem)).ToHaveCountAsync(1);
        Assert.Equal(id, (await owner.CookieAsync()).Value);
    }
}
