using static KvSessions.AspNetCore.Tests.Keys;

namespace KvSessions.AspNetCore.Tests;

/// <summary>ASP.NET Core's own caches, which decide before the response starts, never show one visitor's page to another.</summary>
public sealed class SharedCachingTests
{
    public static TheoryData<string, bool> Caches => new()
    {
        { "response", false },
        { "response", true },
        { "output", false },
        { "output", true },
    };

    [Theory]
    [MemberData(nameof(Caches))]
    public async Task A_page_that_was_made_of_a_session_is_for_nobody_else(string cache, bool isInside)
    {
        await using var site = await StartAsync(cache, isInside);
        using var ada = site.Browser();
        using var bob = site.Browser();
        await ada.GetAsync("/set?name=ada");
        await bob.GetAsync("/set?name=bob");

        Assert.Equal("page of ada", (await ada.GetAsync("/page")).Body);
        Assert.Equal("page of bob", (await bob.GetAsync("/page")).Body);
    }

    [Theory]
    [MemberData(nameof(Caches))]
    public async Task A_page_that_begins_a_session_is_for_nobody_else(string cache, bool isInside)
    {
        await using var site = await StartAsync(cache, isInside);
        using var ada = site.Browser();
        using var bob = site.Browser();

        foreach (var path in new[] { "/begin", "/sign-in" })
        {
            var (first, second) = (await ada.GetAsync(path), await bob.GetAsync(path));
            Assert.NotEqual(first.Body, second.Body);
            Assert.NotEqual(first.Cookie.Value, second.Cookie.Value);
            ada.Cookies.Clear();
            bob.Cookies.Clear();
        }
    }

    [Theory]
    [MemberData(nameof(Caches))]
    public async Task A_page_that_has_nothing_to_do_with_it_is_kept(string cache, bool isInside)
    {
        await using var site = await StartAsync(cache, isInside);
        using var ada = site.Browser();
        using var bob = site.Browser();

        Assert.Equal((await ada.GetAsync("/untouched")).Body, (await bob.GetAsync("/untouched")).Body);
    }

    private static Task<Site> StartAsync(string cache, bool isInside)
    {
        void Use(WebApplication app)
        {
            if (cache == "response")
            {
                app.UseResponseCaching();
            }
            else
            {
                app.UseOutputCache();
            }
        }

        return Site.StartAsync(
            Map,
            new SiteOptions
            {
                Services = services => services.AddResponseCaching().AddOutputCache(o => o.AddBasePolicy(policy => policy.Cache())),
                Outside = app =>
                {
                    if (!isInside)
                    {
                        Use(app);
                    }
                },
                Inside = app =>
                {
                    if (isInside)
                    {
                        Use(app);
                    }

                    app.Use((context, next) =>
                    {
                        context.Response.Headers.CacheControl = "public, max-age=600";
                        return next(context);
                    });
                },
            });
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/untouched", () => $"{Guid.NewGuid()}");
        app.MapGet("/set", (string name, Session session) => session.Set(Text, name));
        app.MapGet("/page", async (Session session) => $"page of {await session.GetAsync(Text)}");
        app.MapGet("/begin", (Session session) =>
        {
            session.Set(Number, 1);
            return $"secret {Guid.NewGuid()}";
        });
        app.MapGet("/sign-in", async (Session session) =>
        {
            await session.SignInAsync("ann");
            return $"secret {Guid.NewGuid()}";
        });
    }
}
