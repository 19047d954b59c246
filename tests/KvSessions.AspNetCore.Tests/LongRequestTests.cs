using static KvSessions.AspNetCore.Tests.Keys;

namespace KvSessions.AspNetCore.Tests;

public sealed class LongRequestTests
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(20);

    [Theory]
    [InlineData("/untouched")]
    [InlineData("/read")]
    [InlineData("/sign-in")]
    public async Task A_session_does_not_end_for_idleness_while_a_request_that_carries_it_goes_on(string path)
    {
        var (entered, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        async Task StayAsync()
        {
            entered.SetResult();
            await go.Task;
        }

        await using var site = await Site.StartAsync(
            app =>
            {
                app.MapGet("/seed", (Session session) => session.Set(Number, 1));
                app.MapGet("/number", async (Session session) => await session.GetAsync(Number));
                app.MapGet("/untouched", StayAsync);
                app.MapGet("/read", async (Session session) =>
                {
                    await session.GetAsync(Number);
                    await StayAsync();
                });
                app.MapGet("/sign-in", async (HttpContext context, Session session) =>
                {
                    await session.SignInAsync("ann");
                    await context.Response.StartAsync();
                    await StayAsync();
                });
            },
            new SiteOptions { Sessions = o => o.IdleTimeout = Idle });
        using var browser = site.Browser();
        await browser.GetAsync("/seed");
        site.Clock.Advance(Idle - TimeSpan.FromMinutes(1));

        var request = browser.GetAsync(path);
        await entered.Task;
        for (var touches = 1; touches < 10; touches++)
        {
            await Eventually.TrueAsync(site.Clock, TimeSpan.FromSeconds(1), () => site.Store.Touches >= touches, "the session was touched");
            site.Clock.Advance(TimeSpan.FromMinutes(5));
        }

        go.SetResult();
        await request;

        Assert.Equal("1", (await browser.GetAsync("/number")).Body);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public async Task Sessions_of_long_requests_live_for_as_long_as_those_go_on_and_no_longer(int count)
    {
        var (entered, go) = (0, new TaskCompletionSource());
        await using var site = await Site.StartAsync(
            app =>
            {
                app.MapGet("/seed", (Session session) => session.Set(Number, 1));
                app.MapGet("/stay", () =>
                {
                    Interlocked.Increment(ref entered);
                    return go.Task;
                });
            },
            new SiteOptions { Sessions = o => o.IdleTimeout = Idle });
        using var browser = site.Browser();
        var ids = new List<string>();
        var requests = new List<Task>();
        for (var i = 0; i < count; i++)
        {
            browser.Cookies.Clear();
            await browser.GetAsync("/seed");
            ids.Add(browser.Session!);
            requests.Add(browser.SendAsync(HttpMethod.Get, "/stay", $"session={browser.Session}"));
        }

        await Eventually.TrueAsync(() => Volatile.Read(ref entered) == count, "all requests are under way");
        for (var touches = 1; touches < 6; touches++)
        {
            await Eventually.TrueAsync(
                site.Clock, TimeSpan.FromSeconds(1), () => site.Store.Touches >= touches * count, "every session was touched");
            site.Clock.Advance(Idle / 4);
        }

        go.SetResult();
        await Task.WhenAll(requests);
        Assert.All(await Task.WhenAll(ids.Select(site.StoredAsync)), Assert.NotNull);
        for (var quarter = 0; quarter < 6; quarter++)
        {
            site.Clock.Advance(Idle / 4);
        }

        Assert.All(await Task.WhenAll(ids.Select(site.StoredAsync)), Assert.Null);
    }
}
