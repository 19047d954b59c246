using KvSessions;
using Microsoft.Net.Http.Headers;

namespace Accounts;

/// <summary>A whole page: the frame that all pages share, around what is its own.</summary>
internal sealed class Page : IResult
{
    private const string Policy =
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    private readonly Html _html;
    private readonly int _statusCode;

    private Page(Html html, int statusCode) => (_html, _statusCode) = (html, statusCode);

    public static async Task<Page> CreateAsync(
        Session session, string title, Html content, int statusCode = StatusCodes.Status200OK, string? path = null)
    {
        var subject = await session.GetSubjectAsync();
        var cart = await session.GetAsync(Cart.Key) ?? Cart.Empty;
        var message = await session.PopAsync(Message.Key);
        return new Page(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <meta name="color-scheme" content="light dark">
              <title>{title} – Windfall</title>
              <link rel="stylesheet" href="/site.css">
              <link rel="icon" href="/icon.svg" type="image/svg+xml">
            </head>
            <body>
              <a class="skip" href="#main">Skip to content</a>
              <header>
                <div class="bar">
                  <a class="brand" href="/">Windfall</a>
                  <nav aria-label="Main">
                    <ul>
                      {Link("/", "Shop", path)}
                      {Link("/cart", cart.Count == 0 ? "Cart" : $"Cart ({cart.Count})", path)}
                      {Link("/counter", "Counter", path)}
                      {Link("/devices", "Devices", path)}
                    </ul>
                  </nav>
                  {(subject is null ? SignInLink(path) : SignOutForm(subject, await FormToken.FieldAsync(session)))}
                </div>
              </header>
              <main id="main" tabindex="-1">
                <div role="status">{(message is null ? Html.Empty : $"""<p class="message{(message.IsProblem ? " problem" : "")}">{message.Text}</p>""")}</div>
                {content}
              </main>
              <footer>
                {await FactsAsync(session)}
                <p>A sample of KvSessions. Nothing here is for sale.</p>
              </footer>
            </body>
            </html>

            """,
            statusCode);
    }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = _statusCode;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "same-origin";

        // After signing out, "back" must not show what was on the screen before.
        response.Headers[HeaderNames.CacheControl] = "no-store";
        return response.WriteAsync(_html.ToString(), httpContext.RequestAborted);
    }

    private static Html Link(string to, string text, string? path) =>
        $"""<li><a href="{to}"{Current(to, path)}>{text}</a></li>""";

    private static Html Current(string to, string? path) => to == path ? $" aria-current=\"page\"" : Html.Empty;

    private static Html SignInLink(string? path) =>
        $"""<p class="account"><a class="button quiet" href="/sign-in"{Current("/sign-in", path)}>Sign in</a></p>""";

    private static Html SignOutForm(string subject, Html field) =>
        $"""
        <form class="account" method="post" action="/sign-out">
          {field}
          <span><span class="hidden">Signed in as </span>{User.NameOf(subject)}</span>
          <button class="quiet">Sign out</button>
        </form>
        """;

    // What a visitor of a real site would not care about, and a reader of this one does.
    private static async Task<Html> FactsAsync(Session session)
    {
        if (await session.GetRecordAsync() is not { } record)
        {
            return $"<p>You had no session when you asked for this page.</p>";
        }

        return $"""
            <details>
              <summary>Your session</summary>
              <dl class="facts">
                <div><dt>Handle</dt><dd><code>{record.Handle}</code></dd></div>
                <div><dt>Version</dt><dd>{record.Version}</dd></div>
                <div><dt>Signed in as</dt><dd>{record.Subject ?? "nobody"}</dd></div>
                <div><dt>Began</dt><dd>{Moment.Exact(record.CreatedAt)}</dd></div>
                <div><dt>Ends</dt><dd>{Moment.Exact(record.ExpiresAt)}{(record.Expiry.IdleTimeout is null ? "" : ", later with every visit")}</dd></div>
                <div><dt>Keys</dt><dd>{string.Join(", ", record.Values.Keys)}</dd></div>
              </dl>
            </details>
            """;
    }
}
