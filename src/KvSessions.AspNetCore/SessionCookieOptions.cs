using Microsoft.AspNetCore.Http;

namespace KvSessions.AspNetCore;

/// <summary>
/// The cookie that carries the session's id. It is always <c>HttpOnly</c>. Whether it has a <c>Max-Age</c> is the session's
/// <see cref="SessionExpiry.IsPersistent"/>.
/// </summary>
public sealed class SessionCookieOptions
{
    /// <summary>
    /// The cookie's name without prefix: <c>session</c> by default. A <c>Secure</c> cookie is named <c>__Host-session</c>, so that no
    /// other host can plant one, or <c>__Secure-session</c> if it has a <see cref="Domain"/> or another <see cref="Path"/> than <c>/</c>
    /// (<see href="https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis#name-cookie-name-prefixes">cookie name prefixes</see>).
    /// Letters, digits, <c>-</c>, <c>_</c> and <c>.</c>, not beginning with <c>__</c>.
    /// </summary>
    public string Name { get; set; } = "session";

    /// <summary>The path that the cookie is sent for: <c>/</c> by default. Begins with <c>/</c>.</summary>
    public string Path { get; set; } = "/";

    /// <summary>The domain whose hosts the cookie is sent to; <see langword="null"/>, the default, for the application's own host only.</summary>
    public string? Domain { get; set; }

    /// <summary>
    /// Whether requests from other sites carry the cookie: <see cref="SameSiteMode.Lax"/> by default. <see cref="SameSiteMode.None"/>
    /// needs <see cref="CookieSecurePolicy.Always"/>.
    /// </summary>
    public SameSiteMode SameSite { get; set; } = SameSiteMode.Lax;

    /// <summary>
    /// Whether the cookie is <c>Secure</c>, sent over HTTPS only. By default it is when the request came over HTTPS
    /// (<see cref="CookieSecurePolicy.SameAsRequest"/>); behind a proxy that ends TLS, use the forwarded-headers middleware or
    /// <see cref="CookieSecurePolicy.Always"/>.
    /// </summary>
    public CookieSecurePolicy SecurePolicy { get; set; } = CookieSecurePolicy.SameAsRequest;

    /// <summary>
    /// Secrets to sign the cookie with (HMAC-SHA256), at least 32 characters each; none by default, for an id that cannot be guessed needs no
    /// signature. With one, made-up ids are turned away before the store is asked. The first signs, all are accepted: to rotate, put the
    /// new one first and take the old one away once its cookies have expired.
    /// </summary>
    public IList<string> Secrets { get; } = [];
}
