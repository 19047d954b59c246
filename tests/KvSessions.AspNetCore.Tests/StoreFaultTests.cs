using System.Net;
using static KvSessions.AspNetCore.Tests.Keys;

namespace KvSessions.AspNetCore.Tests;

public sealed class StoreFaultTests : IAsyncLifetime
{
    private Site _site = null!;
    private Browser _browser = null!;

    public static TheoryData<string> Uses => ["/read", "/write", "/update", "/pop", "/renew", "/sign-in", "/sign-out", "/delete", "/keys", "/subject"];

    [Theory]
    [MemberData(nameof(Uses))]
    public async Task An_endpoint_that_uses_the_session_answers_503_while_the_store_is_down_and_the_cookie_stays(string path)
    {
        var id = _browser.Session;
        _site.Store.Break();

        (await _browser.GetAsync(path)).AssertProblem(HttpStatusCode.ServiceUnavailable);

        Assert.Equal(id, _browser.Session);
        _site.Store.Heal();
        Assert.Equal("1", (await _browser.GetAsync("/read")).Body);
    }

    [Theory]
    [MemberData(nameof(Uses))]
    public async Task A_store_that_hangs_is_given_up_on_after_the_operation_timeout(string path)
    {
        _site.Store.Hang();
        var started = _site.Clock.GetUtcNow();
        var request = _browser.GetAsync(path);
        await Eventually.TrueAsync(() => _site.Store.Awaited.Count == 1, "the store was asked");
        Assert.False(request.IsCompleted);

        await Eventually.TrueAsync(_site.Clock, TimeSpan.FromMilliseconds(100), () => request.IsCompleted, "the request ended");

        (await request).AssertProblem(HttpStatusCode.ServiceUnavailable);
        Assert.True(_site.Clock.GetUtcNow() - started >= TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task An_endpoint_that_does_not_use_the_session_goes_on_working()
    {
        _site.Store.Break();
        Assert.Equal("fine", (await _browser.GetAsync("/untouched")).Body);
        _site.Store.Hang();
        _site.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal("fine", (await _browser.GetAsync("/untouched")).Body);
        Assert.Equal(HttpStatusCode.OK, (await _browser.GetAsync("/untouched")).Status);
    }

    [Theory]
    [InlineData(SessionStoreError.Unavailable)]
    [InlineData(SessionStoreError.TimedOut)]
    [InlineData(SessionStoreError.UnknownOutcome)]
    [InlineData(SessionStoreError.Corrupt)]
    public async Task Every_kind_of_fault_is_503(SessionStoreError error)
    {
        _site.Store.Break(error);

        (await _browser.GetAsync("/read")).AssertProblem(HttpStatusCode.ServiceUnavailable);
        Assert.Contains("planted fault", _site.Log.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_that_fails_open_goes_on_without_the_session()
    {
        var id = _browser.Session;
        _site.Store.Break();
        var reply = await _browser.GetAsync("/open");

        Assert.Equal(("0 then 5", HttpStatusCode.OK), (reply.Body, reply.Status));
        Assert.Empty(reply.Cookies);
        _site.Store.Heal();
        Assert.Equal("1", (await _browser.GetAsync("/read")).Body);
        Assert.Equal(id, _browser.Session);
    }

    [Fact]
    public async Task An_endpoint_that_fails_open_still_cannot_sign_in_without_the_store()
    {
        _site.Store.Break();

        (await _browser.GetAsync("/open/sign-in")).AssertProblem(HttpStatusCode.ServiceUnavailable);
    }

    [Theory]
    [InlineData("/slow-write")]
    [InlineData("/slow-update")]
    public async Task A_session_that_ends_while_a_request_uses_it_is_409_and_not_restored(string path)
    {
        Assert.True(SessionId.TryParse(_browser.Session, out var id));
        _site.Store.Once(StoreVerb.Save, async (store, handle) => Assert.True(await store.DeleteAsync(handle!.Value)));

        (await _browser.GetAsync(path)).AssertProblem(HttpStatusCode.Conflict);

        Assert.Null(await _site.Store.Inner.LoadAsync(id.Handle));
        Assert.Equal(0, _site.Store.Count(StoreVerb.Create));
    }

    // As what keeps messages for the next page does.
    [Fact]
    public async Task The_answer_gets_through_although_a_callback_changes_the_session_as_it_starts()
    {
        await using var site = await Site.StartAsync(
            app => app.MapGet("/write", (Session session) => session.Set(Number, 1)),
            new SiteOptions
            {
                Outside = app => app.Use((context, next) =>
                {
                    context.Response.OnStarting(() =>
                    {
                        context.GetKvSession().Set(Text, "a message");
                        return Task.CompletedTask;
                    });
                    return next(context);
                }),
            });
        using var browser = site.Browser();
        site.Store.Break();

        (await browser.GetAsync("/write")).AssertProblem(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task What_clients_did_at_the_same_time_is_no_error_of_the_site()
    {
        _site.Store.Once(StoreVerb.Save, async (store, handle) => Assert.True(await store.DeleteAsync(handle!.Value)));

        (await _browser.GetAsync("/slow-update")).AssertProblem(HttpStatusCode.Conflict);

        Assert.Contains("Information The session could not be used", _site.Log.All, StringComparison.Ordinal);
        Assert.DoesNotContain("Error ", _site.Log.All, StringComparison.Ordinal);
    }

    // As where it is compiled ahead of time, and knows the types only that it says it will write.
    [Fact]
    public async Task The_answer_needs_no_JSON_of_the_site()
    {
        await using var site = await Site.StartAsync(
            app => app.MapGet("/read", async (HttpContext context) => $"{await context.GetKvSession().GetAsync(Number)}"),
            new SiteOptions
            {
                Services = services => services.ConfigureHttpJsonOptions(
                    o => o.SerializerOptions.TypeInfoResolver = System.Text.Json.Serialization.Metadata.JsonTypeInfoResolver.Combine()),
            });
        using var browser = site.Browser();
        site.Store.Break();

        (await browser.SendAsync(HttpMethod.Get, "/read", $"session={_browser.Session}")).AssertProblem(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task A_value_that_cannot_be_decoded_is_an_error_and_not_a_missing_session()
    {
        var id = _browser.Session;
        var reply = await _browser.GetAsync("/wrong-type");

        Assert.Equal(HttpStatusCode.InternalServerError, reply.Status);
        Assert.Contains(nameof(SessionCodecException), _site.Log.All, StringComparison.Ordinal);
        Assert.Empty(reply.Cookies);
        Assert.Equal("1", (await _browser.GetAsync("/read")).Body);
        Assert.Equal(id, _browser.Session);
    }

    public async ValueTask InitializeAsync()
    {
        _site = await Site.StartAsync(app =>
        {
            app.MapGet("/untouched", () => "fine");
            app.MapGet("/read", async (Session session) => await session.GetAsync(Number));
            app.MapGet("/keys", async (Session session) => await session.GetKeysAsync());
            app.MapGet("/subject", async (Session session) => await session.GetSubjectAsync());
            app.MapGet("/write", (Session session) => session.Set(Number, 1));
            app.MapGet("/update", async (Session session) => await session.UpdateAsync(Number, n => n + 1));
            app.MapGet("/pop", async (Session session) => await session.PopAsync(Number));
            app.MapGet("/renew", async (Session session) => await session.RenewAsync());
            app.MapGet("/sign-in", async (Session session) => await session.SignInAsync("ann"));
            app.MapGet("/sign-out", async (Session session) => await session.SignOutAsync());
            app.MapGet("/delete", async (Session session) => await session.DeleteAsync());
            app.MapGet("/wrong-type", async (Session session) => $"{await session.GetAsync(new SessionKey<string>("number"))}");
            app.MapGet("/slow-update", async (Session session) => await session.UpdateAsync(Number, n => n + 1));
            app.MapGet("/slow-write", async (Session session) => session.Set(Number, await session.GetAsync(Number) + 1));
            app.MapGet("/open", async (Session session) =>
            {
                var before = await session.GetAsync(Number);
                session.Set(Number, 5);
                return $"{before} then {await session.GetAsync(Number)}";
            }).WithSessionFailOpen();
            app.MapGet("/open/sign-in", [SessionFailOpen] async (Session session) =>
            {
                await session.GetAsync(Number);
                await session.SignInAsync("ann");
            });
        });
        _browser = _site.Browser();
        await _browser.GetAsync("/write");
        _site.Store.Forget();
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _site.DisposeAsync();
    }
}
