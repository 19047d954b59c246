using KvSessions;

namespace Accounts;

internal static class Pages
{
    /// <summary>The group that every page belongs to: its forms are checked for where they came from.</summary>
    public static RouteGroupBuilder MapPages(this WebApplication app)
    {
        var pages = app.MapGroup("").DisableAntiforgery().AddEndpointFilter(FormToken.CheckAsync);
        pages.MapFallback(NotFoundAsync);
        return pages;
    }

    private static Task<Page> NotFoundAsync(Session session) =>
        Page.CreateAsync(
            session,
            "Not found",
            $"""
            <div class="narrow center">
              <h1>Not found</h1>
              <p class="lead">There is no such page.</p>
              <p><a class="button" href="/">Back to the shop</a></p>
            </div>
            """,
            StatusCodes.Status404NotFound);
}
