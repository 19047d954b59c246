using System.Buffers;
using System.Net;
using static KvSessions.AspNetCore.Tests.Keys;

namespace KvSessions.AspNetCore.Tests;

public sealed class StreamingTests
{
    [Fact]
    public async Task What_is_changed_after_the_first_byte_is_saved_at_the_end()
    {
        await using var site = await Site.StartAsync(app =>
        {
            MapSeed(app);
            app.MapGet("/stream", async (HttpContext context, Session session) =>
            {
                session.Set(Number, 2);
                await context.Response.WriteAsync("first");
                await context.Response.Body.FlushAsync();
                session.Set(Text, "late");
                await context.Response.WriteAsync(" second");
                session.Set(Number, 3);
            });
        });
        using var browser = site.Browser();
        await browser.GetAsync("/seed");
        var reply = await browser.GetAsync("/stream");

        Assert.Equal("first second", reply.Body);
        Assert.Empty(reply.Cookies);
        await site.StopAsync();
        var stored = (await site.StoredAsync(browser.Session))!;
        Assert.Equal((3, "late"), (stored.Get(Number), stored.Get(Text)));
    }

    [Theory]
    [InlineData("flush")]
    [InlineData("complete")]
    [InlineData("neither")]
    public async Task What_is_changed_after_the_first_byte_is_saved_before_the_pipe_goes_on(string way)
    {
        var saved = -1;
        Site? site = null;
        await using var started = site = await Site.StartAsync(app =>
        {
            MapSeed(app);
            app.MapGet("/stream", async (HttpContext context, Session session) =>
            {
                session.Set(Number, 1);
                await context.Response.StartAsync();
                session.Set(Number, 2);
                var pipe = context.Response.BodyWriter;
                var memory = pipe.GetMemory(5);
                "first"u8.CopyTo(memory.Span);
                pipe.Advance(5);
                switch (way)
                {
                    case "flush":
                        await pipe.FlushAsync();
                        break;
                    case "complete":
                        await pipe.CompleteAsync();
                        break;
                }

                saved = (await site!.StoredAsync(context.Request.Cookies["session"]))!.Get(Number);
            });
        });
        using var browser = site.Browser();
        await browser.GetAsync("/seed");

        Assert.Equal("first", (await browser.GetAsync("/stream")).Body);
        await site.StopAsync();
        Assert.Equal(way == "neither" ? 1 : 2, saved);
        Assert.Equal(2, (await site.StoredAsync(browser.Session))!.Get(Number));
    }

    [Fact]
    public async Task What_is_changed_while_the_response_is_being_flushed_is_saved_at_the_end()
    {
        var (hasSaved, letGo) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var site = await Site.StartAsync(app =>
        {
            MapSeed(app);
            app.MapGet("/stream", async (HttpContext context, Session session) =>
            {
                session.Set(Number, 1);
                await context.Response.StartAsync();
                session.Set(Number, 2);
                var flushing = context.Response.Body.FlushAsync();
                await hasSaved.Task;
                session.Set(Number, 3);
                letGo.SetResult();
                await flushing;
                await context.Response.WriteAsync("done");
            });
        });
        using var browser = site.Browser();
        await browser.GetAsync("/seed");
        site.Store.After = async call =>
        {
            if (call.Verb == StoreVerb.Save && site.Store.Count(StoreVerb.Save) == 2 && hasSaved.TrySetResult())
            {
                await letGo.Task;
            }
        };
        site.Store.Forget();

        Assert.Equal("done", (await browser.GetAsync("/stream")).Body);

        await site.StopAsync();
        Assert.Equal(3, (await site.StoredAsync(browser.Session))!.Get(Number));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_pipe_and_the_stream_of_a_response_are_one(bool changes)
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/", async (HttpContext context, Session session) =>
        {
            if (changes)
            {
                session.Set(Number, 1);
            }

            context.Response.BodyWriter.Write("A"u8);
            await context.Response.Body.WriteAsync("B"u8.ToArray());
            context.Response.BodyWriter.Write("C"u8);
            await context.Response.Body.FlushAsync();
            context.Response.BodyWriter.Write("D"u8);
        }));
        using var browser = site.Browser();

        Assert.Equal("ABCD", (await browser.GetAsync("/")).Body);
    }

    [Fact]
    public async Task The_body_can_do_what_the_body_of_a_response_can_do_and_no_more()
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/", async (HttpContext context, Session session) =>
        {
            session.Set(Number, 1);
            var (body, pipe) = (context.Response.Body, context.Response.BodyWriter);
            Assert.Equal((false, true, false), (body.CanRead, body.CanWrite, body.CanSeek));
            Assert.Throws<NotSupportedException>(() => body.Length);
            Assert.Throws<NotSupportedException>(() => body.Position);
            Assert.Throws<NotSupportedException>(() => body.Position = 1);
            Assert.Throws<NotSupportedException>(() => body.Seek(0, SeekOrigin.Begin));
            Assert.Throws<NotSupportedException>(() => body.SetLength(1));
            Assert.Throws<NotSupportedException>(() => body.ReadByte());
            Assert.True(pipe.CanGetUnflushedBytes);
            pipe.Write("abc"u8);
            Assert.Equal(3, pipe.UnflushedBytes);
            await pipe.FlushAsync();
            Assert.Equal(0, pipe.UnflushedBytes);
        }));
        using var browser = site.Browser();

        Assert.Equal("abc", (await browser.GetAsync("/")).Body);
    }

    [Fact]
    public async Task After_the_first_byte_no_session_is_created_renewed_or_signed_in()
    {
        List<Exception> faults = [];
        await using var site = await Site.StartAsync(app =>
        {
            MapSeed(app);
            app.MapGet("/stream", async (HttpContext context, Session session) =>
            {
                await context.Response.WriteAsync("first");
                Func<Task>[] uses =
                [
                    async () => await session.SignInAsync("ann"),
                    async () => await session.RenewAsync(),
                    () => Do(() => session.SetExpiry(SessionExpiry.In(TimeSpan.FromDays(1)))),
                    () => context.Request.Headers.Cookie.Count > 0 ? throw new InvalidOperationException("has one") : Do(() => session.Set(Number, 1)),
                ];
                foreach (var use in uses)
                {
                    faults.Add(await Assert.ThrowsAsync<InvalidOperationException>(use));
                }
            });
        });
        using var stranger = site.Browser();
        using var guest = site.Browser();
        await guest.GetAsync("/seed");
        site.Store.Forget();

        Assert.Equal("first", (await stranger.GetAsync("/stream")).Body);
        Assert.Equal("first", (await guest.GetAsync("/stream")).Body);
        await site.StopAsync();

        Assert.Equal(8, faults.Count);
        Assert.Empty(site.Store.Awaited);
        Assert.Equal(1, (await site.StoredAsync(guest.Session))!.Get(Number));
    }

    [Fact]
    public async Task If_the_save_at_the_end_fails_the_response_is_cut_off()
    {
        await using var site = await Site.StartAsync(app =>
        {
            MapSeed(app);
            app.MapGet("/stream", async (HttpContext context, Session session) =>
            {
                await context.Response.WriteAsync("first");
                session.Set(Number, 2);
            });
        });
        using var browser = site.Browser();
        await browser.GetAsync("/seed");
        site.Store.Break(StoreVerb.Save);

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => browser.GetAsync("/stream"));
        await site.StopAsync();
        Assert.Contains(nameof(SessionStoreException), site.Log.All, StringComparison.Ordinal);
        Assert.DoesNotContain(nameof(NullReferenceException), site.Log.All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/untouched", "untouched")]
    [InlineData("/read", "1")]
    [InlineData("/write", "2")]
    public async Task Middleware_outside_finds_the_body_that_it_has_put_there(string path, string expected)
    {
        var seen = new TaskCompletionSource<string>();
        await using var site = await Site.StartAsync(
            app =>
            {
                MapSeed(app);
                app.MapGet("/untouched", () => "untouched");
                app.MapGet("/read", async (Session session) => await session.GetAsync(Number));
                app.MapGet("/write", async (Session session) => await session.UpdateAsync(Number, number => number + 1));
            },
            new SiteOptions
            {
                Outside = app => app.Use(async (context, next) =>
                {
                    var client = context.Response.Body;
                    using var copy = new MemoryStream();
                    context.Response.Body = copy;
                    await next(context);
                    if (context.Request.Path == path)
                    {
                        Assert.Same(copy, context.Response.Body);
                        seen.SetResult(System.Text.Encoding.UTF8.GetString(copy.ToArray()));
                    }

                    copy.Position = 0;
                    await copy.CopyToAsync(client);
                    context.Response.Body = client;
                }),
            });
        using var browser = site.Browser();
        await browser.GetAsync("/seed");

        Assert.Equal(expected, (await browser.GetAsync(path)).Body);
        Assert.Equal(expected, await seen.Task);
    }

    [Theory]
    [InlineData("pipe")]
    [InlineData("stream")]
    public async Task A_flush_of_nothing_sends_the_headers_at_once_and_the_session_is_saved_then(string way)
    {
        var seen = new TaskCompletionSource();
        await using var site = await Site.StartAsync(app => app.MapGet("/", async (HttpContext context, Session session) =>
        {
            session.Set(Number, 7);
            await (way == "pipe" ? context.Response.BodyWriter.FlushAsync().AsTask() : context.Response.Body.FlushAsync());
            await seen.Task.WaitAsync(TimeSpan.FromSeconds(20));
            await context.Response.WriteAsync("an event");
        }));
        using var browser = site.Browser();

        using var response = await browser.SendHeadersAsync(HttpMethod.Get, "/");
        var stored = await site.StoredAsync(browser.Session);
        seen.SetResult();

        Assert.Equal(7, stored!.Get(Number));
        Assert.Equal("an event", await Reply.ReadAsync(response));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_that_was_taken_before_the_change_waits_for_the_commit_as_well(bool doesFail)
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/", async (HttpContext context, Session session) =>
        {
            var body = context.Response.Body;
            session.Set(Number, 7);
            await body.WriteAsync("early bird"u8.ToArray());
        }));
        using var browser = site.Browser();
        if (doesFail)
        {
            site.Store.Break();
            (await browser.GetAsync("/")).AssertProblem(HttpStatusCode.ServiceUnavailable);
            return;
        }

        using var response = await browser.SendHeadersAsync(HttpMethod.Get, "/");
        Assert.Equal(7, (await site.StoredAsync(browser.Session))!.Get(Number));
        Assert.Equal("early bird", await Reply.ReadAsync(response));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pipe_that_was_taken_before_the_change_sends_nothing_before_the_commit(bool doesFail)
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/", async (HttpContext context, Session session) =>
        {
            var pipe = context.Response.BodyWriter;
            session.Set(Number, 7);
            pipe.Write("early bird"u8);
            await pipe.FlushAsync();
        }));
        using var browser = site.Browser();
        if (doesFail)
        {
            site.Store.Break();
            var reply = await browser.GetAsync("/");
            Assert.Equal(HttpStatusCode.InternalServerError, reply.Status);
            Assert.Empty(reply.Cookies);
            Assert.Equal("", reply.Body);
            return;
        }

        using var response = await browser.SendHeadersAsync(HttpMethod.Get, "/");
        Assert.Equal(7, (await site.StoredAsync(browser.Session))!.Get(Number));
        Assert.Equal("early bird", await Reply.ReadAsync(response));
    }

    [Fact]
    public async Task Synchronous_writes_work_until_the_session_has_something_to_save()
    {
        await using var site = await Site.StartAsync(
            app =>
            {
                app.MapGet("/reads", async (HttpContext context, Session session) =>
                {
                    await session.GetAsync(Number);
                    context.Response.Body.Write("in sync"u8);
                    context.Response.Body.Flush();
                });
                app.MapGet("/writes", (HttpContext context, Session session) =>
                {
                    session.Set(Number, 1);
                    context.Response.Body.Write("in sync"u8);
                });
                app.MapGet("/saves", async (HttpContext context, Session session) =>
                {
                    session.Set(Number, 1);
                    await session.CommitAsync();
                    context.Response.Body.Write("in sync"u8);
                    context.Response.Body.Flush();
                });
            },
            new SiteOptions { Services = services => services.Configure<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions>(o => o.AllowSynchronousIO = true) });
        using var browser = site.Browser();

        Assert.Equal("in sync", (await browser.GetAsync("/reads")).Body);
        Assert.Equal(HttpStatusCode.InternalServerError, (await browser.GetAsync("/writes")).Status);
        Assert.Contains("Write asynchronously", site.Log.All, StringComparison.Ordinal);
        Assert.Empty(site.Store.Calls);

        Assert.Equal("in sync", (await browser.GetAsync("/saves")).Body);
        Assert.Equal(1, (await site.StoredAsync(browser.Session))!.Get(Number));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_changed_after_the_request_is_refused(bool isCompleted)
    {
        var refusal = new TaskCompletionSource<string>();
        await using var site = await Site.StartAsync(
            app =>
            {
                MapSeed(app);
                app.MapGet("/", () => "sent");
            },
            new SiteOptions
            {
                Outside = app => app.Use(async (context, next) =>
                {
                    void Change()
                    {
                        var first = Record.Exception(() => context.GetKvSession().Set(Number, 7));
                        var second = Record.Exception(() => context.GetKvSession().Set(Number, 8));
                        refusal.TrySetResult($"{first?.Message ?? "not refused"} {second?.Message ?? "not refused"}");
                    }

                    if (context.Request.Path == "/" && isCompleted)
                    {
                        context.Response.OnCompleted(() => Do(Change));
                    }

                    await next(context);
                    if (context.Request.Path == "/" && !isCompleted)
                    {
                        await context.Response.StartAsync();
                        Change();
                    }
                }),
            });
        using var browser = site.Browser();
        await browser.GetAsync("/seed");

        await browser.GetAsync("/");

        Assert.DoesNotContain("not refused", await refusal.Task.WaitAsync(TimeSpan.FromSeconds(30)), StringComparison.Ordinal);
        Assert.Equal(1, (await site.StoredAsync(browser.Session))!.Get(Number));
    }

    private static void MapSeed(WebApplication app) => app.MapGet("/seed", (Session session) => session.Set(Number, 1));

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}
