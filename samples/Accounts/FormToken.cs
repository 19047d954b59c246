using System.Security.Cryptography;
using System.Text;
using KvSessions;

namespace Accounts;

/// <summary>
/// The proof that a form came from one of our own pages: a random token that is kept in the session and repeated in every form.
/// </summary>
/// <remarks>
/// SameSite=Lax keeps our cookie out of a form on another site already, but not out of one on a sibling host, and it does not stop
/// anybody from being signed in as somebody else. ASP.NET Core's own tokens would do as well; they need a key ring that outlives
/// restarts and is shared by all nodes, and the session is both already.
/// </remarks>
internal static class FormToken
{
    public static readonly SessionKey<string> Key = new("form-token", SessionCodec.Utf8);

    private const string FieldName = "token";

    public static async Task<Html> FieldAsync(Session session)
    {
        // Of two tabs that open at once, both must get the same token.
        var token = await session.GetAsync(Key) ?? await session.UpdateAsync(Key, present => present ?? RandomNumberGenerator.GetHexString(32));
        return $"""<input type="hidden" name="{FieldName}" value="{token}">""";
    }

    public static async ValueTask<object?> CheckAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            return await next(context);
        }

        var session = http.GetKvSession();
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        return await session.GetAsync(Key) is { } expected && Matches(expected, form[FieldName].ToString())
            ? await next(context)
            : await RefuseAsync(session);
    }

    private static bool Matches(string expected, string sent) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(sent));

    private static Task<Page> RefuseAsync(Session session) =>
        Page.CreateAsync(
            session,
            "That form is out of date",
            $"""
            <div class="narrow center">
              <h1>That form is out of date</h1>
              <p class="lead">Your session has ended or changed since the page was opened, so nothing was done.</p>
              <p><a class="button" href="/">Back to the shop</a></p>
            </div>
            """,
            StatusCodes.Status400BadRequest);
}
