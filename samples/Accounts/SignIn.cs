using KvSessions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Accounts;

internal static class SignIn
{
    private static readonly SessionExpiry Remembered = SessionExpiry.In(TimeSpan.FromDays(30)).Persistent();

    // Kept in the session and not in the address, where anybody could have made it point anywhere.
    private static readonly SessionKey<string> ReturnToKey = new("return-to", SessionCodec.Utf8);

    public static void MapSignIn(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/sign-in", AskAsync);
        pages.MapPost("/sign-in", SignInAsync);
        pages.MapPost("/sign-out", SignOutAsync);
    }

    /// <summary>Sends a visitor to sign in first, and back afterwards.</summary>
    public static RedirectHttpResult First(Session session, string why, string returnTo)
    {
        session.Set(Message.Key, new Message(why));
        session.Set(ReturnToKey, returnTo);
        return TypedResults.Redirect("/sign-in");
    }

    private static async Task<Results<Page, RedirectHttpResult>> AskAsync(Session session) =>
        await session.GetSubjectAsync() is null ? await ShowAsync(session) : TypedResults.Redirect("/");

    private static async Task<Results<Page, RedirectHttpResult>> SignInAsync(
        Session session, HttpRequest request, [FromForm] string? name, [FromForm] string? password, [FromForm] string? remember)
    {
        if (User.Find(name ?? "", password ?? "") is not { } user)
        {
            return await ShowAsync(session, name ?? "", failed: true);
        }

        var returnTo = await session.GetAsync(ReturnToKey);
        session.Remove(ReturnToKey);

        // Whoever knew the forms of the anonymous session must not know those of the user.
        session.Remove(FormToken.Key);
        session.Set(Device.Key, Device.Of(request.Headers.UserAgent.ToString()));
        session.Set(Message.Key, new Message($"Welcome, {user.Name}."));
        await session.SignInAsync(user.Id, remember is null ? null : Remembered);
        return TypedResults.Redirect(returnTo ?? "/");
    }

    private static async Task<RedirectHttpResult> SignOutAsync(Session session)
    {
        await session.SignOutAsync();
        session.Set(Message.Key, new Message("You are signed out."));
        return TypedResults.Redirect("/");
    }

    private static async Task<Page> ShowAsync(Session session, string name = "", bool failed = false) =>
        await Page.CreateAsync(
            session,
            failed ? "That did not work: sign in" : "Sign in",
            $"""
            <div class="narrow">
              <h1>Sign in</h1>
              {(failed ? (Html)$"""<p class="message problem" role="alert" id="failed">Name and password do not match. Try again.</p>""" : Html.Empty)}
              <form class="card fields" method="post" action="/sign-in">
                {await FormToken.FieldAsync(session)}
                <div class="field">
                  <label for="name">Name</label>
                  <input id="name" name="name" value="{name}" autocomplete="username" autocapitalize="none" spellcheck="false" required{Faulty(failed)}>
                </div>
                <div class="field">
                  <label for="password">Password</label>
                  <input id="password" name="password" type="password" autocomplete="current-password" required{Faulty(failed)}>
                </div>
                <div class="check">
                  <input id="remember" name="remember" type="checkbox" value="yes" aria-describedby="remember-hint">
                  <label for="remember">Remember me</label>
                  <p class="hint" id="remember-hint">For 30 days, even if you close the browser.</p>
                </div>
                <button>Sign in</button>
              </form>
              <section aria-labelledby="demo">
                <h2 id="demo">Who you can be</h2>
                <table>
                  <thead><tr><th scope="col">Name</th><th scope="col">Password</th></tr></thead>
                  <tbody>
                    {User.All.Select(user => (Html)$"""<tr><td><code>{user.Id}</code></td><td><code>{user.Password}</code></td></tr>""")}
                  </tbody>
                </table>
              </section>
            </div>
            """,
            failed ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK,
            "/sign-in");

    private static Html Faulty(bool failed) => failed ? $" aria-invalid=\"true\" aria-describedby=\"failed\"" : Html.Empty;
}
