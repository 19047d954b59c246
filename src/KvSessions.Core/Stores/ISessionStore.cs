namespace KvSessions;

/// <summary>
/// Keeps session records. This interface is the whole contract; what else a store can do is a small interface of its own
/// (<see cref="ISubjectSessionStore"/>, <see cref="ISubjectLimitStore"/>, <see cref="IExpiredSessionStore"/>, <see cref="IVersionedSessionStore"/>, <see cref="IMigratableSessionStore"/>).
/// </summary>
/// <remarks>
/// <para>A store is a singleton, safe for concurrent use. Each method is one atomic step: what others see is either before it or
/// after it. Once it has returned, every later call from any node sees its effect.</para>
/// <para>One clock decides for a store: the server's where there is a server, else the <see cref="TimeProvider"/>. By that clock a
/// record that has expired (<see cref="SessionRecord.IsExpiredAt"/>) is not there, whether or not it was swept.</para>
/// <para>Every method throws <see cref="SessionStoreException"/> for faults of the system and for nothing else; the answers
/// <see langword="null"/>, <see langword="false"/>, gone and conflict are never a fault in disguise. It throws
/// <see cref="OperationCanceledException"/> when cancelled, after which a write may or may not have been applied; when cancelled before
/// it was called, it has done nothing. An argument that is wrong (<see langword="null"/>, a page of no records) is an
/// <see cref="ArgumentException"/>.</para>
/// <para>A session that is stored but cannot be read (damaged, or written by a newer version) is there: reading and saving it throws
/// (<see cref="SessionStoreError.Corrupt"/>), its handle is taken, and what is stored is left as it is. It can be ended all the same, and
/// it counts, as far as the store can tell whose it is and when it ends; so keep that apart from the values.</para>
/// <para>A method should not hold the caller's thread while it waits for others: the operation timeout can end a wait only once the
/// method has returned its task.</para>
/// </remarks>
public interface ISessionStore
{
    /// <summary>Reads a session.</summary>
    /// <returns>The record as of now, or <see langword="null"/>: there is no such session, or it has expired.</returns>
    ValueTask<SessionRecord?> LoadAsync(SessionHandle handle, CancellationToken ct = default);

    /// <summary>
    /// Adds a session as <see cref="SessionRecord.AcceptedAt"/> says. Insert only: a record that is there under this handle, even an
    /// expired one, is left as it is.
    /// </summary>
    /// <param name="record">The record; its version is 1. It was held against the limits where it was made.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns><see langword="false"/> when the handle is taken.</returns>
    ValueTask<bool> CreateAsync(SessionRecord record, CancellationToken ct = default);

    /// <summary>
    /// Applies changes to a session that is there: values key by key, version one more, seen now. A touch
    /// (<see cref="SessionChanges.IsTouch"/>) leaves the version, and never moves the time last seen backwards.
    /// <see cref="SessionRecord.Apply"/> says it in code.
    /// </summary>
    /// <returns>Saved; gone (no such session, or expired: it is not brought back); or conflict (not the expected version).</returns>
    /// <exception cref="SessionLimitException">The session would be over <see cref="SessionChanges.Limits"/>. Nothing was changed.</exception>
    ValueTask<SaveResult> SaveAsync(SessionHandle handle, SessionChanges changes, CancellationToken ct = default);

    /// <summary>Ends a session, one whose values cannot be read included.</summary>
    /// <returns>Whether it was there; <see langword="false"/> for one that had expired.</returns>
    ValueTask<bool> DeleteAsync(SessionHandle handle, CancellationToken ct = default);

    /// <summary>
    /// Replaces a session by one with another handle: adds <paramref name="renewed"/>, as <see cref="CreateAsync"/> would, and ends
    /// <paramref name="old"/>, both or neither, and only if the old session is there and still has the version that the new one was
    /// built from.
    /// </summary>
    /// <param name="old">The session to replace.</param>
    /// <param name="renewed">Its successor; its version is one more than the version it was built from.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <returns>
    /// Saved; gone (the old session is not there); or conflict (the old session has another version, or the new handle is taken, if only
    /// by an expired session).
    /// </returns>
    ValueTask<SaveResult> RenewAsync(SessionHandle old, SessionRecord renewed, CancellationToken ct = default);
}
