using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using static KvSessions.AspNetCore.Tests.Keys;

namespace KvSessions.AspNetCore.Tests;

public sealed class WiringTests
{
    [Fact]
    public async Task A_handler_gets_the_same_session_as_a_parameter_from_the_context_and_from_the_services()
    {
        await using var site = await Site.StartAsync(app => app.MapGet("/", (HttpContext context, Session session) =>
            ReferenceEquals(session, context.GetKvSession()) && ReferenceEquals(session, context.RequestServices.GetRequiredService<Session>())));
        using var browser = site.Browser();

        Assert.Equal("true", (await browser.GetAsync("/")).Body);
    }

    [Fact]
    public async Task A_request_that_did_not_pass_the_middleware_says_what_is_missing()
    {
        await using var site = await Site.StartAsync(
            _ => { },
            new SiteOptions { Outside = app => app.Use((HttpContext context, RequestDelegate _) => context.Response.WriteAsync(Describe(() => context.GetKvSession()))) });
        using var browser = site.Browser();

        Assert.Contains("app.UseKvSessions()", (await browser.GetAsync("/")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_no_argument()
    {
        Assert.Throws<ArgumentNullException>("services", () => KvSessionsAspNetCoreServiceCollectionExtensions.AddKvSessions(null!));
        Assert.Throws<ArgumentNullException>("builder", () => KvSessionsAspNetCoreServiceCollectionExtensions.ConfigureCookie(null!, _ => { }));
        Assert.Throws<ArgumentNullException>("app", () => KvSessionsApplicationBuilderExtensions.UseKvSessions(null!));
        Assert.Throws<ArgumentNullException>("context", () => KvSessionsHttpContextExtensions.GetKvSession(null!));
    }

    [Fact]
    public async Task Outside_a_request_there_is_no_session()
    {
        await using var site = await Site.StartAsync(_ => { });
        using var scope = site.Services.CreateScope();

        Assert.Contains("no HTTP request", Describe(() => scope.ServiceProvider.GetRequiredService<Session>()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_middleware_without_its_services_says_what_is_missing(bool hasCore)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        if (hasCore)
        {
            builder.Services.AddKvSessionsCore().AddMemoryStore();
        }

        using var app = (IDisposable)builder.Build();

        Assert.Contains("AddKvSessions()", Describe(() => ((WebApplication)app).UseKvSessions()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task A_site_without_a_store_does_not_start_and_says_what_is_missing(string environment)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Logging.ClearProviders();
        builder.Services.AddKvSessions();
        await using var app = builder.Build();
        app.UseKvSessions();

        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());
        Assert.Contains("AddMemoryStore", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_that_is_wrong_with_the_cookie_is_in_one_message()
    {
        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => Site.StartAsync(
            _ => { },
            new SiteOptions
            {
                Cookie = c =>
                {
                    (c.Name, c.Path, c.Domain, c.SameSite) = ("__Host-a b", "shop", "a;b", SameSiteMode.None);
                    c.Secrets.Add(new string('s', 32));
                    c.Secrets.Add("hunter2-is-too-short");
                },
            }));
        string[] options = ["Name", "Path", "Domain", "SameSite", "Secrets[1]"];

        Assert.All(options, option => Assert.Contains(option, fault.Message, StringComparison.Ordinal));
        Assert.Equal(options.Length, fault.Failures.Count());
        Assert.DoesNotContain("hunter2", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_visitor_gets_a_session_where_the_options_say_so()
    {
        await using var site = await Site.StartAsync(
            app =>
            {
                app.MapGet("/", () => "untouched");
                app.MapGet("/delete", async (Session session) => await session.DeleteAsync());
            },
            new SiteOptions { Sessions = o => o.CreateForEveryVisitor = true });
        using var browser = site.Browser();

        Assert.Single((await browser.GetAsync("/")).Cookies);
        var id = browser.Session;
        Assert.Empty((await browser.GetAsync("/")).Cookies);
        Assert.Empty((await site.StoredAsync(id))!.Values);
        Assert.Equal("", (await browser.GetAsync("/delete")).Cookie.Value.ToString());
        Assert.Equal([StoreVerb.Create, StoreVerb.Load, StoreVerb.Delete], site.Store.Awaited);
        site.Store.Break();
        (await browser.GetAsync("/")).AssertProblem(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task A_session_works_over_HTTP_2()
    {
        await using var site = await Site.StartAsync(
            app => app.MapGet("/", async (Session session) => await session.UpdateAsync(Number, n => n + 1)), new SiteOptions { IsHttp2 = true });
        using var browser = site.Browser();
        for (var n = 1; n <= 3; n++)
        {
            var reply = await browser.SendAsync(HttpMethod.Get, "/", $"a=b; session={browser.Session}; c=d", HttpVersion.Version20);
            Assert.Equal($"{n}", reply.Body);
        }

        site.Store.Break();
        (await browser.SendAsync(HttpMethod.Get, "/", null, HttpVersion.Version20)).AssertProblem(HttpStatusCode.ServiceUnavailable);
    }

    private static string Describe(Func<object> use) => Assert.Throws<InvalidOperationException>(use).Message;
}
