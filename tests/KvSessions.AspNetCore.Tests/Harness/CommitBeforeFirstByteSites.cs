using Microsoft.AspNetCore.ResponseCompression;

namespace KvSessions.AspNetCore.Tests;

/// <summary>A site without compression, one with it around the sessions, and one with it between the sessions and the endpoints.</summary>
public sealed class CommitBeforeFirstByteSites : IAsyncLifetime
{
    private readonly Dictionary<string, Site> _sites = [];

    internal Site this[string compression]
    {
        get
        {
            var site = _sites[compression];
            site.Store.Heal();
            site.Store.Forget();
            return site;
        }
    }

    public async ValueTask InitializeAsync()
    {
        foreach (var compression in new[] { "none", "outside", "inside" })
        {
            _sites[compression] = await Site.StartAsync(
                Map,
                new SiteOptions
                {
                    Services = static services => services.AddResponseCompression(
                        static o => o.MimeTypes = [.. ResponseCompressionDefaults.MimeTypes, "application/problem+json"]),
                    Outside = app => Compress(app, compression == "outside"),
                    Inside = app => Compress(app, compression == "inside"),
                });
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var site in _sites.Values)
        {
            await site.DisposeAsync();
        }
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/seed", static (Session session) => session.Set(Keys.Number, 1));
        app.MapGet("/answer/{way}", static (HttpContext context, Session session, string way) =>
        {
            session.Set(Keys.Number, 7);
            return WaysToAnswer.All[way].WriteAsync(context);
        });
        app.MapGet("/stubborn/{way}", static async (HttpContext context, Session session, string way) =>
        {
            session.Set(Keys.Number, 7);
            await CarelessAsync(() => WaysToAnswer.All[way].WriteAsync(context));
            await CarelessAsync(() => context.Response.WriteAsync("all is well"));
        });
    }

    private static async Task CarelessAsync(Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (SessionStoreException)
        {
            // As careless as a handler can be.
        }
    }

    private static void Compress(WebApplication app, bool doCompress)
    {
        if (doCompress)
        {
            app.UseResponseCompression();
        }
    }
}
