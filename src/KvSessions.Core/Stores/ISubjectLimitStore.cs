namespace KvSessions;

/// <summary>
/// A store that can bound the number of sessions that a subject has at once, whatever races with whatever. It is an
/// <see cref="ISubjectSessionStore"/> too: implement this one, and there is no need to name the other.
/// </summary>
public interface ISubjectLimitStore : ISubjectSessionStore
{
    /// <summary>
    /// Creates a session that has a subject, or renews another one into it, and keeps the subject's live sessions within
    /// <paramref name="limit"/>: all in one atomic step. The session that is renewed does not count; those whose values cannot be read do.
    /// </summary>
    /// <param name="old">The session to renew as in <see cref="ISessionStore.RenewAsync"/>, or <see langword="null"/> to create as in <see cref="ISessionStore.CreateAsync"/>.</param>
    /// <param name="record">The new session, which has a subject.</param>
    /// <param name="limit">How many sessions the subject may have, and what happens to one more.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>
    /// What became of it. A handle that is taken is a conflict. Gone and conflict come before the limit: refused is only what could have
    /// been stored otherwise.
    /// </returns>
    /// <exception cref="ArgumentException"><paramref name="record"/> has no subject.</exception>
    ValueTask<AdmitResult> AdmitAsync(
        SessionHandle? old, SessionRecord record, SubjectLimit limit, CancellationToken ct = default);
}
