using System.Net;
using static KvSessions.AspNetCore.Tests.Keys;

namespace KvSessions.AspNetCore.Tests;

/// <summary>Measures what each kind of request asks of the store, and compares it with the table in docs/architecture.md.</summary>
public sealed class StoreCallCounts
{
    private const string Section = "## Store calls per kind of request";

    private static readonly IReadOnlyDictionary<string, Func<Site, Browser, Task>> Kinds = new Dictionary<string, Func<Site, Browser, Task>>
    {
        ["no cookie, nothing stored"] = (site, _) => StrangerAsync(site, "/read"),
        ["no cookie, something stored"] = (site, _) => StrangerAsync(site, "/write"),
        ["untouched: the session is not used"] = (_, browser) => browser.GetAsync("/untouched"),
        ["read"] = (_, browser) => browser.GetAsync("/read"),
        ["blind write"] = (_, browser) => browser.GetAsync("/write"),
        ["read and write"] = (_, browser) => browser.GetAsync("/read-write"),
        ["atomic update"] = (_, browser) => browser.GetAsync("/update"),
        ["sign-in without a session"] = (site, _) => StrangerAsync(site, "/sign-in"),
        ["sign-in with a session"] = (_, browser) => browser.GetAsync("/sign-in"),
        ["sign-out"] = (_, browser) => browser.GetAsync("/sign-out"),
        ["redirect after a write, followed"] = async (_, browser) =>
        {
            var reply = await browser.GetAsync("/redirect");
            Assert.Equal(HttpStatusCode.Redirect, reply.Status);
            Assert.Equal("8", (await browser.GetAsync(reply.Location!.OriginalString)).Body);
        },
        ["exception in the handler, after a read and a write"] = async (_, browser) =>
            Assert.Equal(HttpStatusCode.InternalServerError, (await browser.GetAsync("/throw")).Status),
        ["streaming, a write before and a write after the first byte"] = (_, browser) => browser.GetAsync("/stream"),
        ["cookie of a dead session, blind write"] = (_, browser) => browser.SendAsync(HttpMethod.Get, "/write", $"session={SessionId.New().Reveal()}"),
        ["malformed cookie, read"] = (_, browser) => browser.SendAsync(HttpMethod.Get, "/read", "session=malformed"),
    };

    public static TheoryData<string> KindNames => [.. Kinds.Keys];

    [Theory]
    [MemberData(nameof(KindNames))]
    public async Task A_request_costs_what_the_documentation_says(string kind)
    {
        await using var site = await Site.StartAsync(Map);
        using var browser = site.Browser();
        await browser.GetAsync("/write");
        site.Store.Forget();

        // A touch has been due for a while.
        site.Clock.Advance(TimeSpan.FromMinutes(5));
        await Kinds[kind](site, browser);
        await site.StopAsync();

        var awaited = string.Join(", ", site.Store.Awaited.Select(verb => verb.ToString().ToLowerInvariant()));
        var background = string.Join(", ", Enumerable.Repeat("touch", site.Store.Touches));
        Assert.Equal(ReadTable()[kind], (OrNone(awaited), OrNone(background)));
    }

    [Fact]
    public void Every_kind_of_request_in_the_documentation_is_measured() =>
        Assert.Equal(Kinds.Keys.Order(StringComparer.Ordinal), ReadTable().Keys.Order(StringComparer.Ordinal));

    [Fact]
    public async Task A_touch_that_is_not_due_is_not_written()
    {
        await using var site = await Site.StartAsync(Map);
        using var browser = site.Browser();
        await browser.GetAsync("/write");
        site.Store.Forget();
        for (var i = 0; i < 10; i++)
        {
            site.Clock.Advance(TimeSpan.FromSeconds(5));
            await browser.GetAsync("/untouched");
        }

        await site.StopAsync();
        Assert.Empty(site.Store.Calls);
    }

    [Fact]
    public async Task Requests_that_never_use_the_session_keep_it_alive()
    {
        await using var site = await Site.StartAsync(Map);
        using var browser = site.Browser();
        await browser.GetAsync("/write");
        for (var i = 1; i <= 10; i++)
        {
            site.Clock.Advance(TimeSpan.FromMinutes(19));
            await browser.GetAsync("/untouched");
            await Eventually.TrueAsync(() => LastSeen(site, browser) == site.Clock.GetUtcNow(), $"touch {i}");
        }

        Assert.Equal("8", (await browser.GetAsync("/read")).Body);
    }

    private static DateTimeOffset? LastSeen(Site site, Browser browser) =>
        SessionId.TryParse(browser.Session, out var id) ? site.Store.Inner.LoadAsync(id.Handle).AsTask().Result?.LastSeenAt : null;

    private static async Task StrangerAsync(Site site, string path)
    {
        using var stranger = site.Browser();
        await stranger.GetAsync(path);
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/untouched", () => "untouched");
        app.MapGet("/read", async (Session session) => await session.GetAsync(Number));
        app.MapGet("/write", (Session session) => session.Set(Number, 8));
        app.MapGet("/read-write", async (Session session) => session.Set(Number, await session.GetAsync(Number) + 1));
        app.MapGet("/update", async (Session session) => await session.UpdateAsync(Number, n => n + 1));
        app.MapGet("/sign-in", async (Session session) => await session.SignInAsync("ann"));
        app.MapGet("/sign-out", async (Session session) => await session.SignOutAsync());
        app.MapGet("/redirect", (Session session) =>
        {
            session.Set(Number, 8);
            return Results.Redirect("/read");
        });
        app.MapGet("/throw", async (Session session) =>
        {
            session.Set(Number, await session.GetAsync(Number) + 1);
            throw new InvalidOperationException("planted fault");
        });
        app.MapGet("/stream", async (HttpContext context, Session session) =>
        {
            session.Set(Number, 1);
            await context.Response.WriteAsync("first");
            session.Set(Number, 2);
            await context.Response.WriteAsync("second");
        });
    }

    private static string OrNone(string calls) => calls.Length == 0 ? "none" : calls;

    private static Dictionary<string, (string Awaited, string Background)> ReadTable() =>
        RepositoryDocument.Read("docs/architecture.md").Split('\n')
            .SkipWhile(static line => line != Section)
            .Skip(1)
            .TakeWhile(static line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Where(static line => line.StartsWith('|'))
            .Skip(2)
            .Select(static line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries))
            .ToDictionary(static cells => cells[0], static cells => (cells[1], cells[2]));
}
