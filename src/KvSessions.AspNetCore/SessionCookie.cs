using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace KvSessions.AspNetCore;

/// <summary>Reads the session's id from the cookie of a request, and writes the cookie of a response.</summary>
internal sealed class SessionCookie(IOptions<SessionCookieOptions> options, RecentIds recent)
{
    // Browsers keep no cookie longer (https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#name-the-max-age-attribute).
    private static readonly TimeSpan LongestMaxAge = TimeSpan.FromDays(400);

    private readonly SessionCookieOptions _options = options.Value;
    private readonly CookieSignature? _signature = CookieSignature.Create(options.Value);
    private readonly string _secureName = SecurePrefix(options.Value) + options.Value.Name;

    private int Length => _signature is null ? SessionId.TextLength : CookieSignature.SignedLength;

    /// <summary>
    /// The id that came with the request. Anything but exactly one cookie of the right name, form and signature is no id at all.
    /// </summary>
    public SessionId? Read(HttpRequest request)
    {
        var name = NameFor(request);
        ReadOnlySpan<char> found = default;
        var count = 0;
        foreach (var header in request.Headers.Cookie)
        {
            foreach (var range in header.AsSpan().Split(';'))
            {
                var pair = header.AsSpan()[range].Trim(' ');
                if (pair.Length > name.Length && pair[name.Length] == '=' && pair.StartsWith(name, StringComparison.Ordinal))
                {
                    found = pair[(name.Length + 1)..];
                    count++;
                }
            }
        }

        // Anything of another length is not looked at: the sender decides how long it is.
        return count == 1 && found.Length == Length ? recent.Find(found) ?? Parse(found) : null;
    }

    /// <summary>Tells the client to send <paramref name="id"/> from now on.</summary>
    public void Issue(HttpContext context, SessionId id, SaveResult saved)
    {
        var value = _signature?.Sign(id.Reveal()) ?? id.Reveal();
        Send(context, value, Attributes(context.Request, MaxAge(saved)));
    }

    /// <summary>Tells the client to forget its id: the same cookie in every attribute, but over.</summary>
    public void Withdraw(HttpContext context)
    {
        var attributes = Attributes(context.Request, TimeSpan.Zero);
        attributes.Expires = DateTimeOffset.UnixEpoch;
        Send(context, string.Empty, attributes);
    }

    /// <summary>Takes back what <see cref="Issue"/> or <see cref="Withdraw"/> has put into a response that has not started.</summary>
    public void Retract(HttpContext context)
    {
        var headers = context.Response.Headers;
        if (headers.SetCookie is { Count: > 0 } present)
        {
            var name = NameFor(context.Request);
            headers.SetCookie = present.Where(cookie => cookie?.StartsWith(name + '=', StringComparison.Ordinal) is false).ToArray();
        }
    }

    private SessionId? Parse(ReadOnlySpan<char> value)
    {
        var text = value;
        if ((_signature is not null && !_signature.TryVerify(ref text)) || !SessionId.TryParse(text, out var id))
        {
            return null;
        }

        recent.Add(value, id);
        return id;
    }

    private void Send(HttpContext context, string value, CookieOptions attributes)
    {
        Retract(context);
        context.Response.Cookies.Append(NameFor(context.Request), value, attributes);
    }

    /// <summary>
    /// How long the client keeps the cookie: for as long as the session can live at all. A touch moves the idle expiry on without the
    /// client hearing of it, so idleness is the store's to judge.
    /// </summary>
    private static TimeSpan? MaxAge(SaveResult saved)
    {
        if (saved.Expiry is not { IsPersistent: true } expiry)
        {
            return null;
        }

        var left = expiry.AbsoluteExpiresAt - saved.LastSeenAt;
        return left < LongestMaxAge ? left : LongestMaxAge;
    }

    private static string SecurePrefix(SessionCookieOptions options) =>
        options is { Path: "/", Domain: null } ? "__Host-" : "__Secure-";

    private string NameFor(HttpRequest request) => IsSecure(request) ? _secureName : _options.Name;

    private bool IsSecure(HttpRequest request) =>
        _options.SecurePolicy switch
        {
            CookieSecurePolicy.Always => true,
            CookieSecurePolicy.None => false,
            _ => request.IsHttps,
        };

    private CookieOptions Attributes(HttpRequest request, TimeSpan? maxAge) =>
        new()
        {
            Path = _options.Path,
            Domain = _options.Domain,
            Secure = IsSecure(request),
            HttpOnly = true,
            SameSite = _options.SameSite,
            MaxAge = maxAge,

            // A session that was asked for cannot do without it.
            IsEssential = true,
        };
}
