using System.Net;
using static KvSessions.AspNetCore.Tests.Keys;

namespace KvSessions.AspNetCore.Tests;

public sealed class FlowTests : IAsyncLifetime
{
    private Site _site = null!;
    private Browser _browser = null!;

    [Fact]
    public async Task The_request_that_follows_a_redirect_sees_the_write()
    {
        for (var n = 1; n <= 20; n++)
        {
            var reply = await _browser.PostAsync($"/set/{n}");
            Assert.Equal(HttpStatusCode.Redirect, reply.Status);
            Assert.Equal($"{n}", (await _browser.GetAsync(reply.Location!.OriginalString)).Body);
        }
    }

    [Fact]
    public async Task Signing_in_changes_the_id_and_the_old_cookie_is_dead()
    {
        await _browser.PostAsync("/set/7");
        var before = _browser.Session!;
        await _browser.PostAsync("/sign-in/ann");

        Assert.NotEqual(before, _browser.Session);
        Assert.Equal("ann 7", (await _browser.GetAsync("/who")).Body);
        Assert.Equal(" 0", (await _browser.SendAsync(HttpMethod.Get, "/who", $"session={before}")).Body);
        Assert.Null(await _site.StoredAsync(before));
    }

    [Fact]
    public async Task An_id_that_an_attacker_planted_is_never_signed_in()
    {
        using var attacker = _site.Browser();
        await attacker.PostAsync("/set/666");
        var planted = attacker.Session!;
        var victim = (await _browser.SendAsync(HttpMethod.Post, "/sign-in/ann", $"session={planted}")).Cookie;

        Assert.NotEqual(planted, victim.Value.Value);
        Assert.Equal(" 0", (await attacker.GetAsync("/who")).Body);
    }

    [Fact]
    public async Task A_session_that_begins_and_ends_in_one_request_leaves_no_cookie()
    {
        var reply = await _browser.PostAsync("/sign-in-and-out");

        Assert.Equal("done", reply.Body);
        Assert.Empty(reply.Cookies);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_and_takes_the_cookie_away()
    {
        await _browser.PostAsync("/sign-in/ann");
        var before = _browser.Session!;
        var reply = await _browser.PostAsync("/sign-out");

        Assert.Equal("", reply.Cookie.Value.ToString());
        Assert.Null(_browser.Session);
        Assert.Null(await _site.StoredAsync(before));
        Assert.Equal(" 0", (await _browser.SendAsync(HttpMethod.Get, "/who", $"session={before}")).Body);
    }

    [Fact]
    public async Task One_cookie_says_what_became_of_the_session_however_often_it_changed()
    {
        await _browser.PostAsync("/sign-in/ann");
        var reply = await _browser.PostAsync("/switch/bob");

        Assert.Equal(_browser.Session, reply.Cookie.Value.Value);
        Assert.Equal("bob 0", (await _browser.GetAsync("/who")).Body);
    }

    [Fact]
    public async Task Requests_at_once_that_write_different_keys_all_survive()
    {
        await _browser.PostAsync("/set/1");
        _site.Store.Before = static async (_, _) => await Task.Yield();

        await Task.WhenAll(Enumerable.Range(0, 30).Select(i => _browser.PostAsync($"/key/{i}")));

        Assert.Equal(31, (await _site.StoredAsync(_browser.Session))!.Values.Count);
    }

    [Fact]
    public async Task Requests_at_once_that_update_one_key_all_count()
    {
        await _browser.PostAsync("/set/0");
        _site.Store.Before = static async (_, _) => await Task.Yield();

        var replies = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => _browser.PostAsync("/increment")));

        Assert.All(replies, reply => Assert.Equal(HttpStatusCode.OK, reply.Status));
        Assert.Equal(30, (await _site.StoredAsync(_browser.Session))!.Get(Number));
    }

    [Fact]
    public async Task One_sign_in_too_many_is_409_where_the_newest_is_refused()
    {
        await using var site = await Site.StartAsync(
            Map, new SiteOptions { Sessions = o => (o.MaxSessionsPerSubject, o.SubjectLimitRule) = (1, SubjectLimitRule.RefuseNewest) });
        using var first = site.Browser();
        using var second = site.Browser();
        await first.PostAsync("/sign-in/ann");

        (await second.PostAsync("/sign-in/ann")).AssertProblem(HttpStatusCode.Conflict);
        Assert.Equal("ann 0", (await first.GetAsync("/who")).Body);
    }

    public async ValueTask InitializeAsync()
    {
        _site = await Site.StartAsync(Map);
        _browser = _site.Browser();
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _site.DisposeAsync();
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/get", async (Session session) => await session.GetAsync(Number));
        app.MapGet("/who", async (Session session) => $"{await session.GetSubjectAsync()} {await session.GetAsync(Number)}");
        app.MapPost("/set/{n:int}", (Session session, int n) =>
        {
            session.Set(Number, n);
            return Results.Redirect("/get");
        });
        app.MapPost("/key/{n:int}", (Session session, int n) => session.Set(new SessionKey<int>($"key-{n}"), n));
        app.MapPost("/increment", async (Session session) => await session.UpdateAsync(Number, n => n + 1));
        app.MapPost("/sign-in/{user}", async (Session session, string user) => await session.SignInAsync(user));
        app.MapPost("/sign-out", async (Session session) => await session.SignOutAsync());
        app.MapPost("/sign-in-and-out", async (Session session) =>
        {
            await session.SignInAsync("ann");
            await session.SignOutAsync();
            return "done";
        });
        app.MapPost("/switch/{user}", async (Session session, string user) =>
        {
            await session.RenewAsync();
            await session.SignOutAsync();
            await session.SignInAsync(user);
        });
    }
}
