using KvSessions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Accounts;

/// <summary>A number that any tab may raise at any time.</summary>
internal static class Counter
{
    private static readonly SessionKey<int> CountKey = new("count", Stored.Default.Int32);

    public static void MapCounter(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/counter", ShowAsync);
        pages.MapPost("/counter", RaiseAsync);
    }

    private static async Task<Page> ShowAsync(Session session) =>
        await Page.CreateAsync(
            session,
            "Counter",
            $"""
            <div class="narrow center">
              <h1>Counter</h1>
              <p class="lead">Open this page in two tabs and raise it in both, as fast as you like: no click is lost.</p>
              <p class="count"><output>{await session.GetAsync(CountKey)}</output></p>
              <form method="post" action="/counter">
                {await FormToken.FieldAsync(session)}
                <button>Raise by one</button>
              </form>
            </div>
            """,
            path: "/counter");

    private static async Task<RedirectHttpResult> RaiseAsync(Session session)
    {
        // Reading and setting would lose one of two clicks that come at once; this starts over if another request was faster.
        await session.UpdateAsync(CountKey, count => count + 1);
        return TypedResults.Redirect("/counter");
    }
}
