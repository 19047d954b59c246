using KvSessions.AspNetCore;

namespace Microsoft.AspNetCore.Http;

/// <summary>Finds the session of a request.</summary>
public static class KvSessionsHttpContextExtensions
{
    /// <summary>
    /// The session of this request: the same object that a handler gets as a parameter. Not for a context that was kept beyond its request: the
    /// server uses it again, perhaps for another visitor.
    /// </summary>
    /// <exception cref="InvalidOperationException">The request did not pass <c>app.UseKvSessions()</c>.</exception>
    public static KvSessions.Session GetKvSession(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return RequestSession.Of(context)?.Session
            ?? throw new InvalidOperationException(
                "This request has no session: call app.UseKvSessions() before whatever uses it in the pipeline.");
    }
}
