using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace KvSessions;

/// <summary>
/// The sessions of a user, across devices: list them, end one, some or all. Needs a store that is an <see cref="ISubjectSessionStore"/>.
/// </summary>
/// <remarks>An ended session is gone for every node at once; a request that is using it cannot bring it back.</remarks>
public sealed class SubjectSessions
{
    private const int PageSize = 100;

    private readonly StoreCalls _store;
    private readonly ILogger<SubjectSessions> _logger;

    internal SubjectSessions(StoreCalls store, ILogger<SubjectSessions> logger) => (_store, _logger) = (store, logger);

    /// <summary>Lists the live sessions of a user, in an order of the store's own.</summary>
    /// <exception cref="SessionStoreException">
    /// The store failed, or one of the sessions cannot be read (<see cref="SessionStoreError.Corrupt"/>); <see cref="EndAllAsync"/> ends it.
    /// </exception>
    public async IAsyncEnumerable<SessionRecord> ListAsync(string subject, [EnumeratorCancellation] CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        string? continuation = null;
        do
        {
            var page = await _store.FindBySubjectAsync(subject, PageSize, continuation, ct).ConfigureAwait(false);
            foreach (var record in page.Records)
            {
                yield return record;
            }

            continuation = page.Continuation;
        }
        while (continuation is not null);
    }

    /// <summary>Ends one session, if it is this user's: a handle that somebody else's page sent ends nothing.</summary>
    /// <returns>Whether the session was live, was this user's, and has been ended.</returns>
    /// <exception cref="SessionStoreException">The store failed.</exception>
    public async ValueTask<bool> EndAsync(string subject, SessionHandle handle, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(subject);

        // A handle keeps its subject for life, so nothing can come between the look and the deletion.
        var record = await _store.LoadAsync(handle, ct).ConfigureAwait(false);
        return record?.Subject == subject && await _store.DeleteAsync(handle, ct).ConfigureAwait(false);
    }

    /// <summary>Ends all sessions of a user.</summary>
    /// <returns>How many were ended.</returns>
    /// <exception cref="SessionStoreException">The store failed.</exception>
    public ValueTask<int> EndAllAsync(string subject, CancellationToken ct = default) => EndManyAsync(subject, null, ct);

    /// <summary>Ends all sessions of a user but one: "sign out everywhere else".</summary>
    /// <returns>How many were ended.</returns>
    /// <exception cref="SessionStoreException">The store failed.</exception>
    public ValueTask<int> EndOthersAsync(string subject, SessionHandle current, CancellationToken ct = default) =>
        EndManyAsync(subject, current, ct);

    private async ValueTask<int> EndManyAsync(string subject, SessionHandle? except, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(subject);
        var ended = await _store.DeleteBySubjectAsync(subject, except, ct).ConfigureAwait(false);
        _logger.EndedBySubject(ended.Count);
        return ended.Count;
    }
}
