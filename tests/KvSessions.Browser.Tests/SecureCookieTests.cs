namespace KvSessions.Browser.Tests;

public sealed class SecureCookieTests(Chromium chromium) : SiteTest(chromium)
{
    protected override bool Https => true;

    [Fact]
    public async Task Over_https_the_browser_takes_the_cookie_as_one_that_only_this_host_can_have_set()
    {
        var visitor = await NewVisitorAsync();
        await visitor.FillCartAsync();
        await visitor.SignInAsync();

        var cookie = await visitor.CookieAsync();

        Assert.Equal("__Host-session", cookie.Name);
        Assert.True(cookie.Secure);
        Assert.True(cookie.HttpOnly);
        Assert.Equal("/", cookie.Path);
    }
}
