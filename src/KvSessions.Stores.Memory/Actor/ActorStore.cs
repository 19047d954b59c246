using Microsoft.Extensions.Options;

namespace KvSessions.Stores.Memory;

/// <summary>
/// Keeps sessions in the memory of the process, owned by one task that answers one call after the other: the plainest store there is,
/// for development and for comparison. It uses one core and has no bound on the number of sessions; elsewhere use <see cref="MemoryStore"/>.
/// </summary>
/// <remarks>
/// <para>The clock that decides is the <see cref="TimeProvider"/> that the store was given.</para>
/// <para>Every call throws <see cref="SessionStoreException"/> when its reply does not come within
/// <see cref="ActorStoreOptions.ReplyTimeout"/> (a read has timed out, a write may still happen), and when 1,024 calls are waiting (it is
/// unavailable, and nothing was changed). After the store has been disposed every call throws <see cref="ObjectDisposedException"/>.</para>
/// </remarks>
public sealed class ActorStore : ISubjectLimitStore, IExpiredSessionStore, IVersionedSessionStore, IAsyncDisposable
{
    private const SessionStoreError LateRead = SessionStoreError.TimedOut;
    private const SessionStoreError LateWrite = SessionStoreError.UnknownOutcome;

    private readonly Mailbox _mailbox;

    /// <summary>Makes an empty store.</summary>
    /// <param name="options">The settings; the defaults if <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock that decides; the system's if <see langword="null"/>.</param>
    /// <exception cref="OptionsValidationException">An option is out of range.</exception>
    public ActorStore(IOptions<ActorStoreOptions>? options = null, TimeProvider? timeProvider = null)
    {
        var settings = options?.Value ?? new ActorStoreOptions();
        if (new ActorStoreOptionsValidator().Validate(null, settings) is { Failed: true, Failures: var failures })
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(ActorStoreOptions), failures);
        }

        _mailbox = new Mailbox(settings.ReplyTimeout, timeProvider ?? TimeProvider.System);
    }

    internal ValueTask<(int Sessions, int Subjects)> CountAsync() =>
        _mailbox.AskAsync(static state => (state.Count, state.SubjectCount), LateRead, CancellationToken.None);

    /// <inheritdoc/>
    public ValueTask<SessionRecord?> LoadAsync(SessionHandle handle, CancellationToken ct = default) =>
        _mailbox.AskAsync(state => state.Load(handle), LateRead, ct);

    /// <inheritdoc/>
    public ValueTask<long?> LoadVersionAsync(SessionHandle handle, CancellationToken ct = default) =>
        _mailbox.AskAsync(state => state.Load(handle)?.Version, LateRead, ct);

    /// <inheritdoc/>
    public ValueTask<bool> CreateAsync(SessionRecord record, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        return _mailbox.AskAsync(state => state.Create(record).Status == SaveStatus.Saved, LateWrite, ct);
    }

    /// <inheritdoc/>
    public ValueTask<SaveResult> SaveAsync(SessionHandle handle, SessionChanges changes, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        return _mailbox.AskAsync(state => state.Save(handle, changes), LateWrite, ct);
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteAsync(SessionHandle handle, CancellationToken ct = default) =>
        _mailbox.AskAsync(state => state.Delete(handle), LateWrite, ct);

    /// <inheritdoc/>
    public ValueTask<SaveResult> RenewAsync(SessionHandle old, SessionRecord renewed, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(renewed);
        return _mailbox.AskAsync(state => state.Renew(old, renewed), LateWrite, ct);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="pageSize"/> is less than 1.</exception>
    /// <exception cref="ArgumentException"><paramref name="continuation"/> does not come from a page.</exception>
    public ValueTask<SessionPage> FindBySubjectAsync(
        string subject, int pageSize, string? continuation = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        var after = SubjectIndex.ParseContinuation(continuation);
        return _mailbox.AskAsync(state => state.FindBySubject(subject, pageSize, after), LateRead, ct);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SessionHandle>> DeleteBySubjectAsync(
        string subject, SessionHandle? except = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return _mailbox.AskAsync(state => state.DeleteBySubject(subject, except), LateWrite, ct);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="record"/> has no subject.</exception>
    public ValueTask<AdmitResult> AdmitAsync(
        SessionHandle? old, SessionRecord record, SubjectLimit limit, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentException.ThrowIfNullOrEmpty(record.Subject);
        ArgumentNullException.ThrowIfNull(limit);
        return _mailbox.AskAsync(state => state.Admit(old, record, limit), LateWrite, ct);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="batchSize"/> is less than 1.</exception>
    public ValueTask<int> DeleteExpiredAsync(int batchSize, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return _mailbox.AskAsync(state => state.DeleteExpired(batchSize), LateWrite, ct);
    }

    /// <summary>Takes no more calls, and answers those that wait.</summary>
    public ValueTask DisposeAsync() => _mailbox.DisposeAsync();
}
