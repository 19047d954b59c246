namespace KvSessions.Coherence.Tests.Histories;

/// <summary>
/// A store whose answers can be held back, so that what it said may be out of date when it is heard, and to whose next write an answer can
/// be lost.
/// </summary>
internal sealed class HeldStore(ISessionStore inner) : ISessionStore, IVersionedSessionStore
{
    /// <summary>What the answers of the calls that begin now wait for.</summary>
    public Task Hold { get; set; } = Task.CompletedTask;

    /// <summary>What is done instead of the next write, to which no answer comes; <see langword="null"/> if one is to come.</summary>
    public Action? Lose { get; set; }

    public ValueTask<SessionRecord?> LoadAsync(SessionHandle handle, CancellationToken ct = default) => HoldAsync(inner.LoadAsync(handle, ct));

    public ValueTask<long?> LoadVersionAsync(SessionHandle handle, CancellationToken ct = default) =>
        HoldAsync(((IVersionedSessionStore)inner).LoadVersionAsync(handle, ct));

    public ValueTask<bool> CreateAsync(SessionRecord record, CancellationToken ct = default) => WriteAsync(() => inner.CreateAsync(record, ct));

    public ValueTask<SaveResult> SaveAsync(SessionHandle handle, SessionChanges changes, CancellationToken ct = default) =>
        WriteAsync(() => inner.SaveAsync(handle, changes, ct));

    public ValueTask<bool> DeleteAsync(SessionHandle handle, CancellationToken ct = default) => WriteAsync(() => inner.DeleteAsync(handle, ct));

    public ValueTask<SaveResult> RenewAsync(SessionHandle old, SessionRecord renewed, CancellationToken ct = default) =>
        WriteAsync(() => inner.RenewAsync(old, renewed, ct));

    private ValueTask<T> WriteAsync<T>(Func<ValueTask<T>> write)
    {
        if (Lose is not { } lose)
        {
            return HoldAsync(write());
        }

        Lose = null;
        lose();
        return HoldAsync(ValueTask.FromException<T>(new SessionStoreException(SessionStoreError.UnknownOutcome, "planted loss")));
    }

    private async ValueTask<T> HoldAsync<T>(ValueTask<T> answer)
    {
        var hold = Hold;
        await hold.ConfigureAwait(false);
        return await answer.ConfigureAwait(false);
    }
}
