namespace KvSessions.Stores.Redis.Tests;

/// <summary>
/// The store as one whose clock is ahead of the server's: what the records were moved by is added to every moment that comes from it,
/// and taken from every moment that goes to it.
/// </summary>
internal sealed class MovedClockStore(RedisStore inner, Func<TimeSpan> ahead) : ISubjectLimitStore, IVersionedSessionStore
{
    public async ValueTask<SessionRecord?> LoadAsync(SessionHandle handle, CancellationToken ct = default) =>
        await inner.LoadAsync(handle, ct) is { } record ? Out(record) : null;

    public ValueTask<long?> LoadVersionAsync(SessionHandle handle, CancellationToken ct = default) => inner.LoadVersionAsync(handle, ct);

    public ValueTask<bool> CreateAsync(SessionRecord record, CancellationToken ct = default) => inner.CreateAsync(In(record), ct);

    public async ValueTask<SaveResult> SaveAsync(SessionHandle handle, SessionChanges changes, CancellationToken ct = default)
    {
        var moved = new SessionChanges
        {
            ExpectedVersion = changes.ExpectedVersion,
            Clears = changes.Clears,
            Sets = changes.Sets,
            Removes = changes.Removes,
            Expiry = Move(changes.Expiry, -ahead()),
            Limits = changes.Limits,
        };
        return Out(await inner.SaveAsync(handle, moved, ct));
    }

    public ValueTask<bool> DeleteAsync(SessionHandle handle, CancellationToken ct = default) => inner.DeleteAsync(handle, ct);

    public async ValueTask<SaveResult> RenewAsync(SessionHandle old, SessionRecord renewed, CancellationToken ct = default) =>
        Out(await inner.RenewAsync(old, In(renewed), ct));

    public async ValueTask<AdmitResult> AdmitAsync(SessionHandle? old, SessionRecord record, SubjectLimit limit, CancellationToken ct = default)
    {
        var result = await inner.AdmitAsync(old, In(record), limit, ct);
        return result.IsRefused ? result
            : result.Save.Status == SaveStatus.Saved ? AdmitResult.Admitted(Out(result.Save), result.Evicted)
            : AdmitResult.NotSaved(result.Save);
    }

    public async ValueTask<SessionPage> FindBySubjectAsync(
        string subject, int pageSize, string? continuation = null, CancellationToken ct = default)
    {
        var page = await inner.FindBySubjectAsync(subject, pageSize, continuation, ct);
        return page with { Records = [.. page.Records.Select(Out)] };
    }

    public ValueTask<IReadOnlyList<SessionHandle>> DeleteBySubjectAsync(
        string subject, SessionHandle? except = null, CancellationToken ct = default) => inner.DeleteBySubjectAsync(subject, except, ct);

    private SessionRecord Out(SessionRecord record) => Move(record, ahead());

    private SessionRecord In(SessionRecord record) => Move(record, -ahead());

    private SaveResult Out(SaveResult result) =>
        result.Status == SaveStatus.Saved ? SaveResult.Saved(result.Version, result.LastSeenAt + ahead(), Move(result.Expiry, ahead())!) : result;

    private static SessionRecord Move(SessionRecord record, TimeSpan by) =>
        record with { CreatedAt = record.CreatedAt + by, LastSeenAt = record.LastSeenAt + by, Expiry = Move(record.Expiry, by)! };

    private static SessionExpiry? Move(SessionExpiry? expiry, TimeSpan by) =>
        expiry is { AbsoluteExpiresAt: { } end } ? expiry with { AbsoluteExpiresAt = end + by } : expiry;
}
