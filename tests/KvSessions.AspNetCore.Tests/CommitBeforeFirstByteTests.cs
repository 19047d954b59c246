using System.Net;
using static KvSessions.AspNetCore.Tests.Keys;

namespace KvSessions.AspNetCore.Tests;

public sealed class CommitBeforeFirstByteTests(CommitBeforeFirstByteSites sites) : IClassFixture<CommitBeforeFirstByteSites>
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var way in WaysToAnswer.All.Keys)
            {
                foreach (var compression in new[] { "none", "outside", "inside" })
                {
                    cases.Add(way, compression);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_new_session_is_stored_before_the_client_sees_the_headers(string way, string compression)
    {
        var site = sites[compression];
        using var browser = site.Browser();
        var hadStarted = false;
        site.Store.Before = (_, _) =>
        {
            hadStarted |= site.Current!.Response.HasStarted;
            return ValueTask.CompletedTask;
        };

        using var response = await browser.SendHeadersAsync(HttpMethod.Get, $"/answer/{way}");

        Assert.Equal(WaysToAnswer.All[way].Status, response.StatusCode);
        Assert.Equal(7, (await site.StoredAsync(browser.Session))!.Get(Number));
        Assert.False(hadStarted);
        Assert.Equal(compression != "none" && WaysToAnswer.All[way].Body.Length > 0, response.Content.Headers.ContentEncoding.Contains("gzip"));
        Assert.Equal(WaysToAnswer.All[way].Body, await Reply.ReadAsync(response));
        Assert.Equal([StoreVerb.Create], site.Store.Awaited);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_callback_changes_that_runs_as_the_response_starts_is_stored_before_the_headers(bool isKnown)
    {
        await using var site = await Site.StartAsync(
            app =>
            {
                app.MapGet("/seed", (Session session) => session.Set(Number, 1));
                app.MapGet("/", async (Session session) => $"{await session.GetAsync(Number)}");
            },
            new()
            {
                // Registered before the session's own, and so run after it.
                Inside = app => app.Use((context, next) =>
                {
                    if (context.Request.Path == "/")
                    {
                        context.Response.OnStarting(() =>
                        {
                            context.GetKvSession().Set(Text, "flash");
                            return Task.CompletedTask;
                        });
                    }

                    return next(context);
                }),
            });
        using var browser = site.Browser();
        if (isKnown)
        {
            await browser.GetAsync("/seed");
        }

        var hadStarted = false;
        site.Store.Before = (call, _) =>
        {
            hadStarted |= call.Verb != StoreVerb.Touch && site.Current!.Response.HasStarted;
            return ValueTask.CompletedTask;
        };
        var reply = await browser.GetAsync("/");

        Assert.Equal((HttpStatusCode.OK, isKnown ? "1" : "0"), (reply.Status, reply.Body));
        Assert.Equal(isKnown ? 0 : 1, reply.Cookies.Count);
        Assert.Equal("flash", (await site.StoredAsync(browser.Session))!.Get(Text));
        Assert.False(hadStarted);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_change_is_stored_before_the_client_sees_the_headers(string way, string compression)
    {
        var site = sites[compression];
        using var browser = site.Browser();
        await browser.GetAsync("/seed");
        var hadStarted = false;
        site.Store.Before = (_, _) =>
        {
            hadStarted |= site.Current!.Response.HasStarted;
            return ValueTask.CompletedTask;
        };

        using var response = await browser.SendHeadersAsync(HttpMethod.Get, $"/answer/{way}");

        Assert.Equal(7, (await site.StoredAsync(browser.Session))!.Get(Number));
        Assert.False(hadStarted);
        Assert.Equal(compression != "none" && WaysToAnswer.All[way].Body.Length > 0, response.Content.Headers.ContentEncoding.Contains("gzip"));
        Assert.Equal(WaysToAnswer.All[way].Body, await Reply.ReadAsync(response));
        Assert.Equal([StoreVerb.Create, StoreVerb.Save], site.Store.Awaited);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task If_the_commit_fails_the_client_gets_503_no_cookie_and_nothing_of_the_handlers_answer(string way, string compression)
    {
        var site = sites[compression];
        using var browser = site.Browser();
        site.Store.Break(StoreVerb.Create);

        var reply = await browser.GetAsync($"/answer/{way}");

        reply.AssertProblem(HttpStatusCode.ServiceUnavailable);
        Assert.DoesNotContain(WaysToAnswer.Text, reply.Body, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task If_the_commit_fails_the_client_gets_503_even_if_the_handler_catches_the_exception(string way, string compression)
    {
        var site = sites[compression];
        using var browser = site.Browser();
        site.Store.Break(StoreVerb.Create);

        (await browser.GetAsync($"/stubborn/{way}")).AssertProblem(HttpStatusCode.ServiceUnavailable);
    }
}
