namespace KvSessions;

/// <summary>A store that finds and ends the sessions of one subject.</summary>
public interface ISubjectSessionStore : ISessionStore
{
    /// <summary>Reads the live sessions of a subject, a page at a time, in an order of the store's own.</summary>
    /// <param name="subject">The subject, compared character by character.</param>
    /// <param name="pageSize">The most records to return, at least 1.</param>
    /// <param name="continuation">
    /// Where the previous page ended, or <see langword="null"/> for the first page. Good on any node, and after a restart.
    /// </param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>A page. A session that is there during all of the paging is on exactly one page.</returns>
    /// <exception cref="SessionStoreException">
    /// The store failed, or a session of the subject cannot be read (<see cref="SessionStoreError.Corrupt"/>): it is never left out.
    /// </exception>
    ValueTask<SessionPage> FindBySubjectAsync(
        string subject, int pageSize, string? continuation = null, CancellationToken ct = default);

    /// <summary>
    /// Ends every session that the subject has at this moment, but for <paramref name="except"/>; those whose values cannot be read
    /// included. One that is being created or renewed meanwhile is either ended or comes after.
    /// </summary>
    /// <returns>The sessions that were live and have been ended.</returns>
    /// <exception cref="SessionStoreException">
    /// The store failed, or it cannot tell whose a session is (<see cref="SessionStoreError.Corrupt"/>); then none was ended.
    /// </exception>
    ValueTask<IReadOnlyList<SessionHandle>> DeleteBySubjectAsync(
        string subject, SessionHandle? except = null, CancellationToken ct = default);
}
