using System.Net;
using static KvSessions.AspNetCore.Tests.Keys;

namespace KvSessions.AspNetCore.Tests;

public sealed class HandlerExceptionTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_that_fails_saves_nothing_that_was_buffered(bool hasExceptionHandler)
    {
        await using var site = await Site.StartAsync(Map, Options(hasExceptionHandler ? app => app.UseExceptionHandler("/error") : _ => { }));
        using var guest = site.Browser();
        using var stranger = site.Browser();
        await guest.GetAsync("/seed");
        site.Store.Forget();

        foreach (var browser in new[] { guest, stranger })
        {
            var reply = await browser.GetAsync("/throw");
            Assert.Equal(HttpStatusCode.InternalServerError, reply.Status);
            Assert.Equal(hasExceptionHandler ? "sorry" : "", reply.Body);
            Assert.Empty(reply.Cookies);
        }

        Assert.Empty(site.Store.Awaited);
        Assert.Equal(1, (await site.StoredAsync(guest.Session))!.Get(Number));
    }

    [Fact]
    public async Task What_was_done_at_once_stays_done_and_the_client_gets_the_new_id()
    {
        await using var site = await Site.StartAsync(Map, Options(app => app.UseExceptionHandler("/error")));
        using var browser = site.Browser();
        await browser.GetAsync("/seed");
        var before = browser.Session;

        var reply = await browser.GetAsync("/sign-in-then-throw");

        Assert.Equal(HttpStatusCode.InternalServerError, reply.Status);
        Assert.NotEqual(before, reply.Cookie.Value.Value);
        Assert.Equal("ann", (await site.StoredAsync(browser.Session))!.Subject);
        Assert.Null(await site.StoredAsync(before));
    }

    [Fact]
    public async Task What_was_changed_between_two_passes_and_cannot_be_saved_is_a_problem()
    {
        await using var site = await Site.StartAsync(Map, Options(app => app.Use(async (context, next) =>
        {
            await next(context);
            if (context.Request.Path == "/nothing")
            {
                context.GetKvSession().Set(Number, 2);
                await next(context);
            }
        })));
        using var browser = site.Browser();
        await browser.GetAsync("/seed");
        site.Store.Break(StoreVerb.Save);

        (await browser.GetAsync("/nothing")).AssertProblem(HttpStatusCode.ServiceUnavailable);
    }

    [Theory]
    [InlineData("/error-page/by-parameter")]
    [InlineData("/error-page/by-context")]
    [InlineData("/error-page/empty")]
    public async Task An_error_page_has_a_session_of_its_own_to_read_and_to_write(string page)
    {
        await using var site = await Site.StartAsync(Map, Options(app => app.UseExceptionHandler(page)));
        using var browser = site.Browser();
        await browser.GetAsync("/seed");

        var reply = await browser.GetAsync("/throw");

        Assert.Equal(HttpStatusCode.InternalServerError, reply.Status);
        Assert.Equal(page.EndsWith("empty", StringComparison.Ordinal) ? "" : "1", reply.Body);
        var stored = (await site.StoredAsync(browser.Session))!;
        Assert.Equal((1, "an error was shown"), (stored.Get(Number), stored.Get(Text)));
    }

    [Theory]
    [InlineData("/error-page/by-parameter")]
    [InlineData("/error-page/by-context")]
    [InlineData("/error-page/empty")]
    public async Task An_error_page_goes_on_with_the_session_that_the_handler_left(string page)
    {
        await using var site = await Site.StartAsync(Map, Options(app => app.UseExceptionHandler(page)));
        using var browser = site.Browser();
        await browser.GetAsync("/seed");

        var reply = await browser.GetAsync("/sign-in-then-throw");

        var stored = (await site.StoredAsync(reply.Cookie.Value.Value))!;
        Assert.Equal(("ann", 1, "an error was shown"), (stored.Subject, stored.Get(Number), stored.Get(Text)));
    }

    [Fact]
    public async Task A_status_page_that_runs_the_pipeline_again_makes_no_second_session()
    {
        await using var site = await Site.StartAsync(
            Map,
            new SiteOptions
            {
                Outside = app => app.UseStatusCodePagesWithReExecute("/error-page/by-context"),
                Inside = app => app.Use((context, next) =>
                {
                    context.GetKvSession().Set(Number, 5);
                    return next(context);
                }),
            });
        using var browser = site.Browser();

        var reply = await browser.GetAsync("/nowhere");

        Assert.Equal(HttpStatusCode.NotFound, reply.Status);
        var stored = (await site.StoredAsync(reply.Cookie.Value.Value))!;
        Assert.Equal((5, "an error was shown"), (stored.Get(Number), stored.Get(Text)));
        Assert.Equal(1, site.Store.Count(StoreVerb.Create));
    }

    [Theory]
    [InlineData("/delete-then-throw", HttpStatusCode.InternalServerError)]
    [InlineData("/delete-then-nothing", HttpStatusCode.NotFound)]
    public async Task A_page_that_tells_of_a_session_that_was_deleted_has_a_new_one(string path, HttpStatusCode status)
    {
        await using var site = await Site.StartAsync(
            Map,
            Options(app =>
            {
                app.UseExceptionHandler("/error-page/by-parameter");
                app.UseStatusCodePagesWithReExecute("/error-page/by-parameter");
            }));
        using var browser = site.Browser();
        await browser.GetAsync("/seed");
        var before = browser.Session;

        var reply = await browser.GetAsync(path);

        Assert.Equal((status, "0"), (reply.Status, reply.Body));
        Assert.NotEqual(before, reply.Cookie.Value.Value);
        Assert.Null(await site.StoredAsync(before));
        Assert.Equal("an error was shown", (await site.StoredAsync(browser.Session))!.Get(Text));
    }

    [Fact]
    public async Task What_is_changed_when_the_request_has_failed_is_dropped_and_logged()
    {
        await using var site = await Site.StartAsync(Map, Options(app => app.Use(async (context, next) =>
        {
            try
            {
                await next(context);
            }
            catch (InvalidOperationException)
            {
                context.GetKvSession().Set(Number, 7);
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            }
        })));
        using var browser = site.Browser();
        await browser.GetAsync("/seed");

        await browser.GetAsync("/throw");

        Assert.Contains("Warning The request has failed", site.Log.All, StringComparison.Ordinal);
        Assert.Equal(1, (await site.StoredAsync(browser.Session))!.Get(Number));
    }

    [Fact]
    public async Task What_is_changed_before_the_pipeline_runs_again_is_saved()
    {
        await using var site = await Site.StartAsync(
            Map,
            Options(app =>
            {
                app.UseStatusCodePagesWithReExecute("/error-page/by-parameter");
                app.Use(async (context, next) =>
                {
                    await next(context);
                    if (context.Request.Path == "/nowhere")
                    {
                        context.GetKvSession().Set(Number, 7);
                    }
                });
            }));
        using var browser = site.Browser();
        await browser.GetAsync("/seed");

        Assert.Equal("7", (await browser.GetAsync("/nowhere")).Body);
        Assert.Equal(7, (await site.StoredAsync(browser.Session))!.Get(Number));
    }

    // The handler of exceptions runs the pipeline again, so the routes have to be looked up after it.
    private static SiteOptions Options(Action<WebApplication> outside) =>
        new()
        {
            Outside = app =>
            {
                outside(app);
                app.UseRouting();
            },
        };

    private static void Map(WebApplication app)
    {
        app.MapGet("/nothing", () => { });
        app.MapGet("/seed", (Session session) => session.Set(Number, 1));
        app.MapGet("/error", () => "sorry");
        app.MapGet("/throw", (Session session) =>
        {
            session.Set(Number, 2);
            throw new InvalidOperationException("planted fault");
        });
        app.MapGet("/sign-in-then-throw", async (Session session) =>
        {
            await session.SignInAsync("ann");
            session.Set(Number, 2);
            throw new InvalidOperationException("planted fault");
        });
        app.MapGet("/delete-then-throw", async (Session session) =>
        {
            await session.DeleteAsync();
            throw new InvalidOperationException("planted fault");
        });
        app.MapGet("/delete-then-nothing", async (Session session) =>
        {
            await session.DeleteAsync();
            return TypedResults.NotFound();
        });
        app.MapGet("/error-page/by-parameter", (Session session) => ShowAsync(session));
        app.MapGet("/error-page/by-context", (Delegate)((HttpContext context) => ShowAsync(context.GetKvSession())));
        app.MapGet("/error-page/empty", (Session session) => session.Set(Text, "an error was shown"));
    }

    private static async Task<string> ShowAsync(Session session)
    {
        session.Set(Text, "an error was shown");
        return $"{await session.GetAsync(Number)}";
    }
}
