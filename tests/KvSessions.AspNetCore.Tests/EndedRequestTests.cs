using Microsoft.AspNetCore.Http.Features;
using static KvSessions.AspNetCore.Tests.Keys;

namespace KvSessions.AspNetCore.Tests;

/// <summary>What goes on in the background with the session of a request, when the server uses its context for another visitor's.</summary>
public sealed class EndedRequestTests
{
    [Theory]
    [InlineData("untouched")]
    [InlineData("read")]
    [InlineData("signed in")]
    public async Task A_session_that_outlives_its_request_leaves_the_next_response_alone(string use)
    {
        Session? kept = null;
        HttpContext? context = null;
        var faults = new List<Exception?>();
        await using var site = await Site.StartAsync(app =>
        {
            app.MapGet("/first", async (HttpContext first, Session session) =>
            {
                (context, kept) = (first, session);
                await (use switch
                {
                    "read" => session.GetAsync(Number).AsTask(),
                    "signed in" => session.SignInAsync("ann").AsTask(),
                    _ => Task.CompletedTask,
                });
            });
            app.MapGet("/second", async (HttpContext second) =>
            {
                Assert.Same(context, second);
                Assert.Equal(0, await kept!.GetAsync(Number));
                faults.Add(await Record.ExceptionAsync(async () => await kept.SignInAsync("bob")));
                faults.Add(Record.Exception(() => kept.Set(Number, 7)));
                faults.Add(await Record.ExceptionAsync(async () => await kept.CommitAsync()));
                faults.Add(await Record.ExceptionAsync(async () => await kept.SignOutAsync()));
                return "second";
            });
        });
        using var browser = site.Browser();
        await browser.GetAsync("/first");
        browser.Cookies.Clear();

        var reply = await browser.GetAsync("/second");

        Assert.Equal("second", reply.Body);
        Assert.Empty(reply.Cookies);
        Assert.Empty(reply.Vary);
        Assert.Equal("", reply.CacheControl);
        Assert.Collection(faults, IsRefusal, IsRefusal, Assert.Null, Assert.Null);
    }

    [Fact]
    public async Task Services_that_outlive_their_request_make_no_scope_for_the_next()
    {
        IServiceProvider? kept = null;
        await using var site = await Site.StartAsync(app =>
        {
            app.MapGet("/first", (HttpContext context, HttpResponse response) =>
            {
                kept = context.RequestServices;
                response.StatusCode = StatusCodes.Status204NoContent;
            });
            app.MapGet("/second", async () =>
                $"{Record.Exception(() => kept!.GetService<IServiceScopeFactory>())?.GetType().Name} {await kept!.GetRequiredService<Session>().GetAsync(Number)}");
        });
        using var browser = site.Browser();
        await browser.GetAsync("/first");

        var reply = await browser.GetAsync("/second");

        Assert.Equal("ObjectDisposedException 0", reply.Body);
        Assert.Empty(reply.Vary);
    }

    [Fact]
    public async Task A_scope_that_outlives_the_request_that_it_served_has_a_session_that_leaves_the_next_response_alone()
    {
        AsyncServiceScope kept = default;
        await using var site = await Site.StartAsync(app =>
        {
            app.MapGet("/first", (HttpContext context, HttpResponse response) =>
            {
                kept = app.Services.CreateAsyncScope();
                context.RequestServices = kept.ServiceProvider;
                response.StatusCode = StatusCodes.Status204NoContent;
            });
            app.MapGet("/second", async () => await kept.ServiceProvider.GetRequiredService<Session>().GetAsync(Number));
        });
        using var browser = site.Browser();
        await browser.GetAsync("/first");

        var reply = await browser.GetAsync("/second");

        await kept.DisposeAsync();
        Assert.Equal("0", reply.Body);
        Assert.Empty(reply.Vary);
    }

    [Fact]
    public async Task A_request_that_was_given_up_on_leaves_the_next_response_alone()
    {
        var (go, gone) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var site = await Site.StartAsync(
            app =>
            {
                app.MapGet("/first", async (Session session) =>
                {
                    session.Set(Number, 1);
                    await go.Task;
                    throw new SessionStoreException(SessionStoreError.Unavailable, "planted");
                });
                app.MapGet("/second", async (HttpContext context, Session session) =>
                {
                    session.Set(Number, 2);
                    var body = context.Features.Get<IHttpResponseBodyFeature>();
                    go.SetResult();
                    await gone.Task;
                    return context.Features.Get<IHttpResponseBodyFeature>() == body;
                });
            },
            new SiteOptions
            {
                Outside = app => app.Use(async (context, next) =>
                {
                    var rest = next(context);
                    if (context.Request.Path == "/first")
                    {
                        _ = rest.ContinueWith(_ => gone.SetResult(), TaskScheduler.Default);
                        return;
                    }

                    await rest;
                }),
            });
        using var browser = site.Browser();
        await browser.GetAsync("/first");
        browser.Cookies.Clear();

        var reply = await browser.GetAsync("/second");

        Assert.Equal("true", reply.Body);
        Assert.Equal(2, (await site.StoredAsync(reply.Cookie.Value.ToString()))!.Get(Number));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_session_that_does_not_hear_of_the_end_leaves_the_next_response_alone(bool isOpenedLater)
    {
        Func<Session>? kept = null;
        await using var site = await Site.StartAsync(app =>
        {
            app.MapGet("/first", (HttpContext context, HttpResponse response) =>
            {
                // Whoever buffers a response may put a feature in its place that is never completed.
                var (services, present) = (context.Features.Get<IServiceProvidersFeature>()!, context.Features.Get<IHttpResponseFeature>());
                context.Features.Set<IHttpResponseFeature>(new HttpResponseFeature());
                var session = isOpenedLater ? null : context.GetKvSession();
                kept = () => session ?? services.RequestServices.GetRequiredService<Session>();
                context.Features.Set(present);
            });
            app.MapGet("/second", async () => $"{(await Record.ExceptionAsync(async () => await kept!().SignInAsync("bob")))?.GetType().Name}");
        });
        using var browser = site.Browser();
        await browser.GetAsync("/first");

        var reply = await browser.GetAsync("/second");

        Assert.Equal(nameof(InvalidOperationException), reply.Body);
        Assert.Empty(reply.Cookies);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_session_that_outlives_its_request_can_be_read_while_the_server_has_no_other(bool isFromAScope)
    {
        HttpContext? context = null;
        Func<Session>? kept = null;
        await using var site = await Site.StartAsync(app => app.MapGet("/", (HttpContext first, HttpResponse response) =>
        {
            context = first;
            if (isFromAScope)
            {
                var services = app.Services.CreateScope().ServiceProvider;
                first.RequestServices = services;
                kept = services.GetRequiredService<Session>;
            }
            else
            {
                var session = first.GetKvSession();
                kept = () => session;
            }

            response.StatusCode = StatusCodes.Status204NoContent;
        }));
        using var browser = site.Browser();
        await browser.GetAsync("/");
        await Eventually.TrueAsync(() => Record.Exception(() => context!.Features) is ObjectDisposedException, "the context serves nobody");

        Assert.Equal(0, await kept!().GetAsync(Number));
    }

    private static void IsRefusal(Exception? fault) => Assert.IsType<InvalidOperationException>(fault);
}
