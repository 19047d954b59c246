namespace KvSessions;

/// <summary>
/// The settings of all sessions of an application. They are checked when the host starts; everything that is wrong is in one message.
/// </summary>
public sealed class KvSessionsOptions
{
    /// <summary>
    /// How long a session lives without a request. 20 minutes by default; <see langword="null"/> for no such limit; more than zero, at
    /// most <see cref="SessionExpiry.Longest"/>. A session never ends earlier than this after its last request, and later by at most
    /// <see cref="TouchFraction"/> of it, or an hour.
    /// </summary>
    public TimeSpan? IdleTimeout { get; set; } = TimeSpan.FromMinutes(20);

    /// <summary>
    /// How long a session lives in any case, counted from its creation or its last sign-in. 14 days by default; <see langword="null"/>
    /// for no such limit; more than zero, at most <see cref="SessionExpiry.Longest"/>.
    /// </summary>
    public TimeSpan? AbsoluteTimeout { get; set; } = TimeSpan.FromDays(14);

    /// <summary>
    /// Whether the cookie is kept when the browser closes. <see langword="false"/> by default; a session can have it otherwise
    /// (<see cref="SessionExpiry.Persistent"/>).
    /// </summary>
    public bool IsPersistent { get; set; }

    /// <summary>
    /// The fraction of the idle timeout that has to pass since a session was last touched before it is touched again, an hour at the
    /// most. 0.05 by default; more than 0, at most 0.5. A smaller one ends idle sessions more exactly, a larger one writes less.
    /// </summary>
    public double TouchFraction { get; set; } = 0.05;

    /// <summary>
    /// How long one call of the store may take before the request fails. 1 second by default; more than zero, at most 1 minute.
    /// </summary>
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How much one session may hold.</summary>
    public SessionLimits Limits { get; } = new();

    /// <summary>
    /// The most sessions that a subject may have at once, at least 1; <see langword="null"/>, the default, for no such limit. Needs a
    /// store that is an <see cref="ISubjectLimitStore"/>; with another one the host does not start.
    /// </summary>
    public int? MaxSessionsPerSubject { get; set; }

    /// <summary>What happens when a subject signs in once more than <see cref="MaxSessionsPerSubject"/>. By default its oldest session ends.</summary>
    public SubjectLimitRule SubjectLimitRule { get; set; } = SubjectLimitRule.EvictOldest;

    /// <summary>
    /// Whether every request without a session gets one, even if nothing is stored in it. <see langword="false"/> by default: no cookie
    /// and no stored session until there is something to keep.
    /// </summary>
    public bool CreateForEveryVisitor { get; set; }

    /// <summary>
    /// How often expired sessions are deleted, give or take a tenth. 5 minutes by default; at least 1 second, at most 1 day;
    /// <see langword="null"/> for never (another process does it). Expired sessions are never seen, swept or not.
    /// </summary>
    public TimeSpan? SweepInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How many expired sessions are deleted in one step. 1,000 by default; from 1 to 100,000.</summary>
    public int SweepBatchSize { get; set; } = 1_000;

    internal SessionExpiry Expiry => new() { IdleTimeout = IdleTimeout, Lifetime = AbsoluteTimeout, IsPersistent = IsPersistent };

    internal SubjectLimit? SubjectLimit => MaxSessionsPerSubject is { } maximum ? new(maximum, SubjectLimitRule) : null;
}
