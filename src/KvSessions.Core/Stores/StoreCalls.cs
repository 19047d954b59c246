using Microsoft.Extensions.Options;

namespace KvSessions;

/// <summary>
/// The store as the rest of the library calls it: every call ends within the operation timeout, whatever the driver does.
/// </summary>
internal sealed class StoreCalls(ISessionStore store, IOptions<KvSessionsOptions> options, TimeProvider clock)
{
    private readonly SessionCache? _cache = (store as CachedSessionStore)?.Cache;
    private readonly TimeSpan _timeout = options.Value.OperationTimeout;
    private readonly SubjectLimit? _limit = options.Value.SubjectLimit;

    // What a cache has at hand needs nothing that could end a call.
    public ValueTask<SessionRecord?> LoadAsync(SessionHandle handle, CancellationToken ct) =>
        _cache is null ? CallAsync(handle, static (store, handle, ct) => store.LoadAsync(handle, ct), SessionStoreError.TimedOut, ct)
        : _cache.Hit(handle, 0, ct) is { } record ? new(record)
        : CallAsync((Cache: _cache, handle), static (_, args, ct) => args.Cache.LoadMissAsync(args.handle, 0, ct), SessionStoreError.TimedOut, ct);

    public ValueTask<SaveResult> SaveAsync(SessionHandle handle, SessionChanges changes, CancellationToken ct) =>
        CallAsync(
            (handle, changes),
            static (store, args, ct) => store.SaveAsync(args.handle, args.changes, ct),
            SessionStoreError.UnknownOutcome,
            ct);

    public ValueTask<bool> DeleteAsync(SessionHandle handle, CancellationToken ct) =>
        CallAsync(handle, static (store, handle, ct) => store.DeleteAsync(handle, ct), SessionStoreError.UnknownOutcome, ct);

    /// <summary>
    /// Stores a new record: in place of <paramref name="old"/>, if there is one, and within the subject's limit, if it has a subject and
    /// there is a limit. A handle that is taken is a conflict.
    /// </summary>
    /// <param name="old">The session that it replaces.</param>
    /// <param name="record">The record.</param>
    /// <param name="isOneMore">Whether its subject has one session more by it: one that only gets a new id is over no limit.</param>
    /// <param name="ct">Cancels the call.</param>
    /// <exception cref="SubjectLimitException">The limit refuses the newest.</exception>
    public async ValueTask<SaveResult> PutNewAsync(SessionHandle? old, SessionRecord record, bool isOneMore, CancellationToken ct)
    {
        if (record.Subject is not null && isOneMore && _limit is not null)
        {
            var result = await CallAsync(
                (old, record, _limit),
                static (store, args, ct) => Capability<ISubjectLimitStore>(store, nameof(KvSessionsOptions.MaxSessionsPerSubject))
                    .AdmitAsync(args.old, args.record, args._limit, ct),
                SessionStoreError.UnknownOutcome,
                ct).ConfigureAwait(false);
            return result.IsRefused ? throw new SubjectLimitException(_limit.Maximum) : result.Save;
        }

        if (old is { } replaced)
        {
            return await CallAsync(
                (replaced, record),
                static (store, args, ct) => store.RenewAsync(args.replaced, args.record, ct),
                SessionStoreError.UnknownOutcome,
                ct).ConfigureAwait(false);
        }

        var created = await CallAsync(
            record, static (store, record, ct) => store.CreateAsync(record, ct), SessionStoreError.UnknownOutcome, ct).ConfigureAwait(false);
        return created ? SaveResult.Saved(record.AcceptedAt(record.LastSeenAt)) : SaveResult.Conflict;
    }

    public ValueTask<SessionPage> FindBySubjectAsync(string subject, int pageSize, string? continuation, CancellationToken ct) =>
        CallAsync(
            (subject, pageSize, continuation),
            static (store, args, ct) => Capability<ISubjectSessionStore>(store, "Finding the sessions of a subject")
                .FindBySubjectAsync(args.subject, args.pageSize, args.continuation, ct),
            SessionStoreError.TimedOut,
            ct);

    public ValueTask<IReadOnlyList<SessionHandle>> DeleteBySubjectAsync(string subject, SessionHandle? except, CancellationToken ct) =>
        CallAsync(
            (subject, except),
            static (store, args, ct) => Capability<ISubjectSessionStore>(store, "Ending the sessions of a subject")
                .DeleteBySubjectAsync(args.subject, args.except, ct),
            SessionStoreError.UnknownOutcome,
            ct);

    private static T Capability<T>(ISessionStore store, string purpose)
        where T : class, ISessionStore =>
        store as T ?? throw new InvalidOperationException($"{purpose} needs an {typeof(T).Name}, which {StoreChain.StoreOf(store).GetType().Name} is not.");

    private ValueTask<TResult> CallAsync<TArgs, TResult>(
        TArgs args,
        Func<ISessionStore, TArgs, CancellationToken, ValueTask<TResult>> call,
        SessionStoreError whenTooLate,
        CancellationToken ct)
    {
        var abandon = CancellationTokenSource.CreateLinkedTokenSource(ct);
        ValueTask<TResult> pending;
        try
        {
            pending = call(store, args, abandon.Token);
        }
        catch (Exception fault)
        {
            abandon.Dispose();
            return ValueTask.FromException<TResult>(fault);
        }

        if (!pending.IsCompleted)
        {
            return WaitAsync(pending.AsTask(), abandon, whenTooLate, ct);
        }

        // A store in memory, or a driver that reads on the caller's thread: nothing to wait for, and nothing to abandon.
        abandon.Dispose();
        return pending;
    }

    private async ValueTask<TResult> WaitAsync<TResult>(
        Task<TResult> task, CancellationTokenSource abandon, SessionStoreError whenTooLate, CancellationToken ct)
    {
        try
        {
            return await task.WaitAsync(_timeout, clock, ct).ConfigureAwait(false);
        }
        catch (TimeoutException late) when (task.Exception?.InnerException != late)
        {
            throw new SessionStoreException(
                whenTooLate, $"{StoreChain.StoreOf(store).GetType().Name} did not answer within the operation timeout of {_timeout}.");
        }
        finally
        {
            AbandonedCall.End(task, abandon);
        }
    }
}
