namespace KvSessions.Coherence.Tests.Histories;

/// <summary>A store whose answers can be held back: what it said may be out of date when it is heard.</summary>
internal sealed class HeldStore(ISessionStore inner) : ISessionStore, IVersionedSessionStore
{
    /// <summary>What the answers of the calls that begin now wait for.</summary>
    public Task Hold { get; set; } = Task.CompletedTask;

    public ValueTask<SessionRecord?> LoadAsync(SessionHandle handle, CancellationToken ct = default) => HoldAsync(inner.LoadAsync(handle, ct));

    public ValueTask<long?> LoadVersionAsync(SessionHandle handle, CancellationToken ct = default) =>
        HoldAsync(((IVersionedSessionStore)inner).LoadVersionAsync(handle, ct));

    public ValueTask<bool> CreateAsync(SessionRecord record, CancellationToken ct = default) => HoldAsync(inner.CreateAsync(record, ct));

    public ValueTask<SaveResult> SaveAsync(SessionHandle handle, SessionChanges changes, CancellationToken ct = default) =>
        HoldAsync(inner.SaveAsync(handle, changes, ct));

    public ValueTask<bool> DeleteAsync(SessionHandle handle, CancellationToken ct = default) => HoldAsync(inner.DeleteAsync(handle, ct));

    public ValueTask<SaveResult> RenewAsync(SessionHandle old, SessionRecord renewed, CancellationToken ct = default) =>
        HoldAsync(inner.RenewAsync(old, renewed, ct));

    private async ValueTask<T> HoldAsync<T>(ValueTask<T> answer)
    {
        var hold = Hold;
        var result = await answer.ConfigureAwait(false);
        await hold.ConfigureAwait(false);
        return result;
    }
}
