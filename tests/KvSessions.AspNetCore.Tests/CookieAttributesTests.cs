using Microsoft.Net.Http.Headers;
using static KvSessions.AspNetCore.Tests.Keys;
using SameSiteMode = Microsoft.AspNetCore.Http.SameSiteMode;

namespace KvSessions.AspNetCore.Tests;

public sealed class CookieAttributesTests
{
    public static TheoryData<string> Configurations => [.. Configured.Keys];

    private static readonly Dictionary<string, (bool IsHttps, Action<SessionCookieOptions> Cookie, string Expected)> Configured = new()
    {
        ["http"] = (false, _ => { }, "session; path=/; samesite=lax; httponly"),
        ["https"] = (true, _ => { }, "__Host-session; path=/; secure; samesite=lax; httponly"),
        ["always secure"] = (false, c => c.SecurePolicy = CookieSecurePolicy.Always, "__Host-session; path=/; secure; samesite=lax; httponly"),
        ["never secure"] = (true, c => c.SecurePolicy = CookieSecurePolicy.None, "session; path=/; samesite=lax; httponly"),
        ["a path"] = (true, c => c.Path = "/shop", "__Secure-session; path=/shop; secure; samesite=lax; httponly"),
        ["a domain"] = (true, c => c.Domain = "example.org", "__Secure-session; domain=example.org; path=/; secure; samesite=lax; httponly"),
        ["a path over http"] = (false, c => c.Path = "/shop", "session; path=/shop; samesite=lax; httponly"),
        ["strict"] = (false, c => c.SameSite = SameSiteMode.Strict, "session; path=/; samesite=strict; httponly"),
        ["none"] = (true, c => (c.SameSite, c.SecurePolicy) = (SameSiteMode.None, CookieSecurePolicy.Always), "__Host-session; path=/; secure; samesite=none; httponly"),
        ["a name"] = (true, c => c.Name = "my.sid", "__Host-my.sid; path=/; secure; samesite=lax; httponly"),
    };

    [Theory]
    [MemberData(nameof(Configurations))]
    public async Task The_cookie_has_the_attributes_that_were_asked_for_and_its_removal_mirrors_them(string configuration)
    {
        var (isHttps, cookie, expected) = Configured[configuration];
        await using var site = await Site.StartAsync(
            app =>
            {
                app.MapGet("/shop/set", (Session session) => session.Set(Number, 1));
                app.MapGet("/shop/delete", async (Session session) => await session.DeleteAsync());
            },
            new SiteOptions { IsHttps = isHttps, Cookie = cookie });
        using var browser = site.Browser();

        var set = (await browser.GetAsync("/shop/set")).Cookie;
        Assert.Equal(SessionId.TextLength, set.Value.Length);
        Assert.Equal(expected, Describe(set));
        Assert.Null(set.MaxAge);
        Assert.Null(set.Expires);

        var removed = (await browser.GetAsync("/shop/delete")).Cookie;
        Assert.Equal(expected, Describe(removed));
        Assert.Equal("", removed.Value.ToString());
        Assert.Equal(TimeSpan.Zero, removed.MaxAge);
        Assert.Equal(DateTimeOffset.UnixEpoch, removed.Expires);
        Assert.Empty(browser.Cookies);
    }

    [Fact]
    public async Task A_persistent_cookie_lives_as_long_as_is_left_until_the_absolute_expiry()
    {
        await using var site = await Site.StartAsync(
            app =>
            {
                app.MapGet("/", (Session session) => session.Set(Number, 1));
                app.MapGet("/renew", async (Session session) => await session.RenewAsync());
                app.MapGet("/in", async (Session session) => await session.SignInAsync("ann", SessionExpiry.In(TimeSpan.FromDays(60)).Persistent()));
                app.MapGet("/forget", (Session session) => session.SetExpiry(SessionExpiry.Idle(TimeSpan.FromMinutes(5))));
            },
            new SiteOptions { Sessions = o => (o.IsPersistent, o.AbsoluteTimeout, o.IdleTimeout) = (true, TimeSpan.FromDays(14), TimeSpan.FromDays(3)) });
        using var browser = site.Browser();

        Assert.Equal(TimeSpan.FromDays(14), (await browser.GetAsync("/")).Cookie.MaxAge);
        site.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Empty((await browser.GetAsync("/")).Cookies);
        Assert.Equal(TimeSpan.FromDays(12), (await browser.GetAsync("/renew")).Cookie.MaxAge);
        Assert.Equal(TimeSpan.FromDays(60), (await browser.GetAsync("/in")).Cookie.MaxAge);
        Assert.Null((await browser.GetAsync("/forget")).Cookie.MaxAge);
    }

    [Theory]
    [InlineData("/text")]
    [InlineData("/nothing")]
    [InlineData("/buffered")]
    [InlineData("/set")]
    [InlineData("/updated")]
    public async Task A_cookie_without_an_end_is_sent_again_whatever_the_request_does_and_however_it_answers(string path)
    {
        await using var site = await Site.StartAsync(
            app =>
            {
                app.MapGet("/set", (Session session) => session.Set(Number, 1));
                app.MapGet("/text", async (Session session) => Results.Text($"{await session.GetAsync(Number)}"));
                app.MapGet("/nothing", async (Session session) => await session.GetAsync(Number) == 1 ? Results.NoContent() : Results.NotFound());
                app.MapGet("/updated", async (Session session) => await session.UpdateAsync(Number, static number => number + 1));
                app.MapGet("/buffered", async (HttpContext context, Session session) =>
                {
                    var body = context.Response.Body;
                    context.Response.Body = new MemoryStream();
                    await context.Response.WriteAsync($"{await session.GetAsync(Number)}");
                    context.Response.Body = body;
                });
            },
            new SiteOptions { Sessions = o => (o.IsPersistent, o.AbsoluteTimeout, o.IdleTimeout) = (true, null, TimeSpan.FromDays(20)) });
        using var browser = site.Browser();
        await browser.GetAsync("/set");
        Assert.Empty((await browser.GetAsync(path)).Cookies);

        site.Clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(TimeSpan.FromDays(400), (await browser.GetAsync(path)).Cookie.MaxAge);
        Assert.Empty((await browser.GetAsync(path)).Cookies);
    }

    [Theory]
    [InlineData(399)]
    [InlineData(401)]
    [InlineData(null)]
    public async Task A_persistent_cookie_lives_400_days_at_most(int? days)
    {
        await using var site = await Site.StartAsync(
            app => app.MapGet("/", (Session session) => session.Set(Number, 1)),
            new SiteOptions
            {
                Sessions = o => (o.IsPersistent, o.AbsoluteTimeout, o.IdleTimeout) =
                    (true, days is { } lifetime ? TimeSpan.FromDays(lifetime) : null, TimeSpan.FromDays(500)),
            });
        using var browser = site.Browser();

        Assert.Equal(TimeSpan.FromDays(days == 399 ? 399 : 400), (await browser.GetAsync("/")).Cookie.MaxAge);
    }

    [Fact]
    public async Task The_cookie_of_one_scheme_is_not_taken_for_that_of_the_other()
    {
        await using var site = await Site.StartAsync(
            app =>
            {
                app.MapGet("/", (Session session) => session.Set(Number, 1));
                app.MapGet("/read", async (Session session) => await session.GetAsync(Number));
            },
            new SiteOptions { IsHttps = true });
        using var browser = site.Browser();
        await browser.GetAsync("/");

        Assert.Equal("1", (await browser.GetAsync("/read")).Body);
        Assert.Equal("0", (await browser.SendAsync(HttpMethod.Get, "/read", $"session={browser.Session}")).Body);
    }

    private static string Describe(SetCookieHeaderValue cookie)
    {
        List<string> parts = [cookie.Name.Value!];
        if (cookie.Domain.HasValue)
        {
            parts.Add($"domain={cookie.Domain}");
        }

        parts.Add($"path={cookie.Path}");
        if (cookie.Secure)
        {
            parts.Add("secure");
        }

        parts.Add($"samesite={cookie.SameSite.ToString().ToLowerInvariant()}");
        if (cookie.HttpOnly)
        {
            parts.Add("httponly");
        }

        return string.Join("; ", parts);
    }
}
