using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KvSessions;

/// <summary>Opens the session of a request. For hosts: the ASP.NET Core middleware, or one of your own.</summary>
public sealed class SessionFactory
{
    internal SessionFactory(
        StoreCalls store, SessionTouches touches, IOptions<KvSessionsOptions> options, TimeProvider clock, ILogger<Session> logger)
    {
        Store = store;
        Touches = touches;
        Options = options.Value;
        Clock = clock;
        Logger = logger;
        DefaultExpiry = AsStored(Options.Expiry);
    }

    internal StoreCalls Store { get; }

    internal SessionTouches Touches { get; }

    internal KvSessionsOptions Options { get; }

    internal TimeProvider Clock { get; }

    internal ILogger Logger { get; }

    internal SessionExpiry DefaultExpiry { get; }

    /// <summary>Opens a session. It costs nothing until the session is used.</summary>
    /// <param name="id">The id that came with the request, or <see langword="null"/> for none (or for one that made no sense).</param>
    /// <param name="transport">How a new id reaches the client.</param>
    /// <param name="failOpen">
    /// What to do when the store fails. <see langword="false"/>, the default: throw. <see langword="true"/>: reads see an empty session,
    /// and changes that wait for the commit are dropped with a warning; what has to be atomic (update, pop, renew, sign in and out,
    /// delete) throws all the same.
    /// </param>
    public Session Open(SessionId? id, ISessionTransport transport, bool failOpen = false)
    {
        ArgumentNullException.ThrowIfNull(transport);
        return new Session(this, transport, id, failOpen);
    }

    /// <summary>
    /// Keeps the session of a request that did not open it from ending for idleness, in the background. Writes at most once in a fraction
    /// of the idle timeout (<see cref="KvSessionsOptions.TouchFraction"/>).
    /// </summary>
    /// <param name="id">The id that came with the request.</param>
    public void Touch(SessionId id)
    {
        ArgumentNullException.ThrowIfNull(id);
        Touches.Touch(id);
    }

    /// <summary>The same, at the end of a request that opened its session: for the id that it has now, if it has one.</summary>
    public void Touch(Session session)
    {
        ArgumentNullException.ThrowIfNull(session);
        if (session.Id is { } id)
        {
            Touches.Touch(id, session.KnownExpiry);
        }
    }

    /// <summary>
    /// The expiry as it goes to the store. A touch is not written for every request, so the stored idle timeout is longer by what may
    /// go unwritten: no session ends earlier than its idle timeout after its last request.
    /// </summary>
    internal SessionExpiry AsStored(SessionExpiry expiry)
    {
        if (expiry.IsEndless)
        {
            throw new ArgumentException("An expiry needs an idle timeout, a lifetime or a moment; this one would never end.", nameof(expiry));
        }

        if (expiry.IdleTimeout is not { } idle)
        {
            return expiry;
        }

        var stored = idle + TouchInterval.OfAsked(idle, Options.TouchFraction);
        return expiry with { IdleTimeout = stored < SessionExpiry.Longest ? stored : SessionExpiry.Longest };
    }
}
