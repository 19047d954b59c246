using static KvSessions.AspNetCore.Tests.Keys;

namespace KvSessions.AspNetCore.Tests;

public sealed class CachingHeadersTests
{
    [Theory]
    [InlineData("", "no-store, no-cache")]
    [InlineData("public, max-age=600", "no-store, no-cache")]
    [InlineData("max-age=600", "no-store, no-cache")]
    [InlineData("s-maxage=600", "no-store, no-cache")]
    [InlineData("no-cache", "no-store, no-cache")]
    [InlineData("not a header; at all", "no-store, no-cache")]
    [InlineData("private, max-age=600", "private, max-age=600")]
    [InlineData("no-store", "no-store")]
    public async Task A_response_that_sets_the_cookie_is_for_no_shared_cache(string asked, string sent)
    {
        await using var site = await StartAsync(asked);
        using var browser = site.Browser();

        foreach (var path in new[] { "/write", "/delete" })
        {
            var reply = await browser.GetAsync(path);
            Assert.Single(reply.Cookies);
            Assert.Equal(Directives(sent), Directives(reply.CacheControl));
            Assert.Equal(["Cookie"], reply.Vary);
        }
    }

    [Theory]
    [InlineData("/read")]
    [InlineData("/write")]
    public async Task A_response_that_sets_no_cookie_is_cached_as_the_application_says(string path)
    {
        await using var site = await StartAsync("public, max-age=600");
        using var browser = site.Browser();
        await browser.GetAsync("/write");

        var reply = await browser.GetAsync(path);

        Assert.Empty(reply.Cookies);
        Assert.Equal("public, max-age=600", reply.CacheControl);
        Assert.Equal(["Cookie"], reply.Vary);
    }

    [Fact]
    public async Task A_response_that_did_not_use_the_session_does_not_vary_by_it()
    {
        await using var site = await StartAsync("public");
        using var browser = site.Browser();
        await browser.GetAsync("/write");

        Assert.Empty((await browser.GetAsync("/untouched")).Vary);
    }

    [Theory]
    [InlineData("Accept-Encoding", new[] { "Accept-Encoding", "Cookie" })]
    [InlineData("cookie", new[] { "cookie" })]
    [InlineData("Accept, Cookie", new[] { "Accept", "Cookie" })]
    [InlineData("*", new[] { "*" })]
    public async Task What_the_application_varies_by_is_kept(string asked, string[] sent)
    {
        await using var site = await StartAsync("", asked);
        using var browser = site.Browser();

        Assert.Equal(sent, (await browser.GetAsync("/read")).Vary);
    }

    private static string[] Directives(string header) => [.. header.Split(',', StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal)];

    private static Task<Site> StartAsync(string cacheControl, string vary = "") =>
        Site.StartAsync(
            app =>
            {
                app.MapGet("/untouched", () => "untouched");
                app.MapGet("/read", async (Session session) => await session.GetAsync(Number));
                app.MapGet("/write", (Session session) => session.Set(Number, 1));
                app.MapGet("/delete", async (Session session) => await session.DeleteAsync());
            },
            new SiteOptions
            {
                Inside = app => app.Use((context, next) =>
                {
                    if (cacheControl.Length > 0)
                    {
                        context.Response.Headers.CacheControl = cacheControl;
                    }

                    if (vary.Length > 0)
                    {
                        context.Response.Headers.Vary = vary;
                    }

                    return next(context);
                }),
            });
}
