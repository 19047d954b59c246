using System.Net;
using KvSessions.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KvSessions.Browser.Tests;

/// <summary>
/// The sample never leaves a browser without a session, so this is about a site that does: a browser removes a cookie only if the
/// removal fits it in name, path and prefix.
/// </summary>
public sealed class CookieRemovalTests(Chromium chromium)
{
    private static readonly SessionKey<string> Key = new("key", SessionCodec.Utf8);

    [Theory]
    [InlineData("http", "/", "session")]
    [InlineData("http", "/shop", "session")]
    [InlineData("https", "/", "__Host-session")]
    [InlineData("https", "/shop", "__Secure-session")]
    public async Task The_browser_forgets_the_cookie_of_a_session_that_is_deleted(string scheme, string path, string name)
    {
        await using var site = await StartAsync(scheme, path);
        await using var visitor = await Visitor.ComeAsync(chromium, site.Urls.Single());
        await visitor.OpenAsync("/shop/enter");
        Assert.Equal((name, path), (await visitor.CookieAsync()) is var cookie ? (cookie.Name, cookie.Path) : default);

        await visitor.OpenAsync("/shop/back/door/leave");

        Assert.Empty(await visitor.CookiesAsync());
    }

    private static async Task<WebApplication> StartAsync(string scheme, string path)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (scheme == "https")
            {
                listen.UseHttps(Certificate.Create());
            }
        }));
        builder.Services.AddKvSessions().AddMemoryStore();
        builder.Services.Configure<SessionCookieOptions>(options => options.Path = path);
        var site = builder.Build();
        site.UseKvSessions();
        site.MapGet("/shop/enter", static (Session session) => session.Set(Key, "value"));
        site.MapGet("/shop/back/door/leave", static async (Session session) => await session.DeleteAsync());
        await site.StartAsync();
        return site;
    }
}
