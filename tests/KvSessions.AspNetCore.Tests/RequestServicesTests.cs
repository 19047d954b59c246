using Autofac.Extensions.DependencyInjection;
using Microsoft.AspNetCore.Http.Features;
using static KvSessions.AspNetCore.Tests.Keys;

namespace KvSessions.AspNetCore.Tests;

public sealed class RequestServicesTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_session_is_the_same_in_a_handler_in_the_services_and_in_what_they_make(bool isAutofac)
    {
        await using var site = await Site.StartAsync(
            app => app.MapGet("/", (HttpContext context, Session session, Holder holder, IServiceProvider services) =>
                context.RequestServices is AutofacServiceProvider == isAutofac
                && new[]
                {
                    holder.Session,
                    context.GetKvSession(),
                    context.RequestServices.GetRequiredService<Session>(),
                    services.GetRequiredService<Session>(),
                    ActivatorUtilities.CreateInstance<Holder>(context.RequestServices).Session,
                    context.RequestServices.GetRequiredKeyedService<Holder>("key").Session,
                }.All(other => ReferenceEquals(session, other))),
            Options(isAutofac));
        using var browser = site.Browser();

        Assert.Equal("true", (await browser.GetAsync("/")).Body);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Middleware_around_the_sessions_shares_the_scope_which_ends_with_the_request(bool isAutofac)
    {
        Holder? outside = null;
        await using var site = await Site.StartAsync(
            app => app.MapGet("/", async (Session session, Holder holder) =>
                ReferenceEquals(holder, outside) && ReferenceEquals(session, holder.Session) && await session.GetAsync(Number) == 0),
            Options(isAutofac, outside: app => app.Use((context, next) =>
            {
                outside = context.RequestServices.GetRequiredService<Holder>();
                return next(context);
            })));
        using var browser = site.Browser();

        Assert.Equal("true", (await browser.GetAsync("/")).Body);
        await Eventually.TrueAsync(() => outside!.IsDisposed, "the scope has ended");
    }

    [Fact]
    public async Task A_scope_that_is_first_asked_for_when_the_response_is_complete_ends_with_the_request()
    {
        var asked = new TaskCompletionSource<Holder>();
        await using var site = await Site.StartAsync(
            app => app.MapGet("/", () => "untouched"),
            Options(isAutofac: false, outside: app => app.Use((context, next) =>
            {
                context.Response.OnCompleted(() =>
                {
                    asked.SetResult(context.RequestServices.GetRequiredService<Holder>());
                    return Task.CompletedTask;
                });
                return next(context);
            })));
        using var browser = site.Browser();
        await browser.GetAsync("/");

        var holder = await asked.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await Eventually.TrueAsync(() => holder.IsDisposed, "the scope has ended");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_scope_that_takes_the_place_of_the_requests_for_a_while_has_its_session_too(bool isAutofac)
    {
        Holder? first = null;
        await using var site = await Site.StartAsync(
            app =>
            {
                app.MapGet("/", (Holder holder) =>
                {
                    first = holder;
                    throw new InvalidOperationException("planted");
                });
                app.MapGet("/error", async (HttpContext context, Session session, Holder holder) =>
                {
                    session.Set(Number, 1);
                    await context.Response.WriteAsync($"{holder == first} {ReferenceEquals(session, holder.Session)}");
                });
            },
            Options(isAutofac, outside: app =>
            {
                app.Use(async (context, next) =>
                {
                    await next(context);
                    await context.Response.WriteAsync($" {context.RequestServices.GetRequiredService<Holder>() == first}");
                });
                app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandlingPath = "/error", CreateScopeForErrors = true });
            }));
        using var browser = site.Browser();

        var reply = await browser.GetAsync("/");

        Assert.Equal("False True True", reply.Body);
        Assert.Equal(1, (await site.StoredAsync(browser.Session))!.Get(Number));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_scope_of_ones_own_has_a_session_where_it_can_find_the_request(bool hasAccessor)
    {
        await using var site = await Site.StartAsync(
            app => app.MapGet("/", (IServiceScopeFactory scopes, Session session) =>
            {
                using var scope = scopes.CreateScope();
                var fault = Record.Exception(() => Assert.Same(session, scope.ServiceProvider.GetRequiredService<Session>()));
                return fault?.Message ?? "the same";
            }),
            new SiteOptions { Services = services => _ = hasAccessor ? services.AddHttpContextAccessor() : services });
        using var browser = site.Browser();

        var body = (await browser.GetAsync("/")).Body;

        Assert.Contains(hasAccessor ? "the same" : "AddHttpContextAccessor()", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/", "/error")]
    [InlineData("/error")]
    [InlineData("/")]
    public async Task Middleware_may_make_scopes_of_its_own_for_each_time_that_a_request_comes_by(params string[] paths)
    {
        var holders = new List<Holder>();
        bool IsRight(Session session, Holder holder)
        {
            holders.Add(holder);
            return ReferenceEquals(session, holder.Session);
        }

        await using var site = await Site.StartAsync(
            app =>
            {
                app.MapGet("/", (Session session, Holder holder) => IsRight(session, holder) ? Results.StatusCode(418) : Results.Ok());
                app.MapGet("/error", (Session session, Holder holder) => session.Set(Text, $"{IsRight(session, holder)}"));
            },
            Options(isAutofac: false, outside: app =>
            {
                app.UseStatusCodePagesWithReExecute("/error");
                app.Use(async (context, next) =>
                {
                    if (!paths.Contains(context.Request.Path.Value))
                    {
                        await next(context);
                        return;
                    }

                    var before = context.Features.Get<IServiceProvidersFeature>();
                    await using var services = new RequestServicesFeature(context, app.Services.GetRequiredService<IServiceScopeFactory>());
                    context.Features.Set<IServiceProvidersFeature>(services);
                    await next(context);
                    context.Features.Set(before);
                });
            }));
        using var browser = site.Browser();

        await browser.GetAsync("/");

        Assert.Equal("True", (await site.StoredAsync(browser.Session))!.Get(Text));
        Assert.Equal(2, holders.Distinct().Count());
        await Eventually.TrueAsync(() => holders.TrueForAll(static holder => holder.IsDisposed), "the scopes have ended");
    }

    [Fact]
    public async Task What_the_application_has_put_in_the_place_of_the_services_stays_what_it_is()
    {
        await using var site = await Site.StartAsync(
            app => app.MapGet("/", (HttpContext context, HttpResponse response) =>
            {
                var isOutside = context.RequestServices is Renamed;
                var inside = new Renamed(app.Services.CreateScope().ServiceProvider);
                context.RequestServices = inside;
                var isInside = ReferenceEquals(context.RequestServices, inside) && context.GetKvSession() == inside.GetRequiredService<Session>();
                context.RequestServices = app.Services;
                return response.WriteAsync($"{isOutside} {isInside} {context.RequestServices == app.Services}");
            }),
            Options(isAutofac: false, outside: app => app.Use((context, next) =>
            {
                context.RequestServices = new Renamed(context.RequestServices);
                return next(context);
            })));
        using var browser = site.Browser();

        Assert.Equal("True True True", (await browser.GetAsync("/")).Body);
    }

    [Fact]
    public async Task Who_asks_at_the_same_time_gets_the_same()
    {
        await using var site = await Site.StartAsync(
            app => app.MapGet("/", async (HttpContext context, CancellationToken ct) =>
            {
                var services = context.RequestServices;
                using var start = new Barrier(4);
                var found = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => Task.Run(
                    () =>
                    {
                        start.SignalAndWait(ct);
                        return services.GetRequiredService(n % 2 == 0 ? typeof(Session) : typeof(Holder));
                    },
                    ct)));
                return ReferenceEquals(found[0], found[2]) && ReferenceEquals(found[1], found[3]) && ReferenceEquals(found[0], ((Holder)found[1]).Session);
            }),
            Options(isAutofac: false));
        using var browser = site.Browser();
        for (var round = 0; round < 200; round++)
        {
            Assert.Equal("true", (await browser.GetAsync("/")).Body);
        }
    }

    private static SiteOptions Options(bool isAutofac, Action<WebApplication>? outside = null) =>
        new()
        {
            Container = isAutofac ? new AutofacServiceProviderFactory() : null,
            Services = services => services.AddScoped<Holder>().AddKeyedScoped<Holder>("key"),
            Outside = outside ?? (_ => { }),
        };

    private sealed class Renamed(IServiceProvider services) : IServiceProvider
    {
        public object? GetService(Type serviceType) => services.GetService(serviceType);
    }

    private sealed class Holder(IServiceProvider services) : IDisposable
    {
        public bool IsDisposed { get; private set; }

        // Asked for late, for middleware around the sessions may have made this before there was one.
        public Session Session => field ??= services.GetRequiredService<Session>();

        public void Dispose() => IsDisposed = true;
    }
}
