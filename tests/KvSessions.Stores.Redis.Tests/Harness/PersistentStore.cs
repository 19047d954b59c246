namespace KvSessions.Stores.Redis.Tests;

/// <summary>Tries again what was refused without having been done.</summary>
internal sealed class PersistentStore(ISubjectLimitStore inner) : ISubjectLimitStore
{
    public ValueTask<SessionRecord?> LoadAsync(SessionHandle handle, CancellationToken ct = default) => UntilDoneAsync(() => inner.LoadAsync(handle, ct));

    public ValueTask<bool> CreateAsync(SessionRecord record, CancellationToken ct = default) => UntilDoneAsync(() => inner.CreateAsync(record, ct));

    public ValueTask<SaveResult> SaveAsync(SessionHandle handle, SessionChanges changes, CancellationToken ct = default) =>
        UntilDoneAsync(() => inner.SaveAsync(handle, changes, ct));

    public ValueTask<bool> DeleteAsync(SessionHandle handle, CancellationToken ct = default) => UntilDoneAsync(() => inner.DeleteAsync(handle, ct));

    public ValueTask<SaveResult> RenewAsync(SessionHandle old, SessionRecord renewed, CancellationToken ct = default) =>
        UntilDoneAsync(() => inner.RenewAsync(old, renewed, ct));

    public ValueTask<AdmitResult> AdmitAsync(SessionHandle? old, SessionRecord record, SubjectLimit limit, CancellationToken ct = default) =>
        UntilDoneAsync(() => inner.AdmitAsync(old, record, limit, ct));

    public ValueTask<SessionPage> FindBySubjectAsync(
        string subject, int pageSize, string? continuation = null, CancellationToken ct = default) =>
        UntilDoneAsync(() => inner.FindBySubjectAsync(subject, pageSize, continuation, ct));

    public ValueTask<IReadOnlyList<SessionHandle>> DeleteBySubjectAsync(
        string subject, SessionHandle? except = null, CancellationToken ct = default) =>
        UntilDoneAsync(() => inner.DeleteBySubjectAsync(subject, except, ct));

    private static async ValueTask<T> UntilDoneAsync<T>(Func<ValueTask<T>> call)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (SessionStoreException fault) when (fault.Error == SessionStoreError.Unavailable)
            {
                await Task.Delay(1);
            }
        }
    }
}
