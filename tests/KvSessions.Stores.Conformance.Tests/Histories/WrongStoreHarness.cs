using KvSessions.Stores.Memory;

namespace KvSessions.Stores.Conformance.Tests;

/// <summary>A store in memory that does one thing wrong.</summary>
internal sealed class WrongStoreHarness : LocalClockHarness
{
    private readonly WrongStore _store;

    public WrongStoreHarness() => _store = new WrongStore(new MemoryStore(timeProvider: Clock), this);

    public override ISessionStore Store => _store;

    /// <summary>What a deletion does instead.</summary>
    public Func<bool>? Delete { get; init; }

    /// <summary>Whether touches are acknowledged and not stored.</summary>
    public bool ForgetsTouches { get; init; }

    /// <summary>What a restart does.</summary>
    public Action? Reopen { get; init; }

    public override ValueTask ReopenAsync()
    {
        Reopen?.Invoke();
        return ValueTask.CompletedTask;
    }

    private sealed class WrongStore(MemoryStore store, WrongStoreHarness harness) : ISessionStore
    {
        public ValueTask<SessionRecord?> LoadAsync(SessionHandle handle, CancellationToken ct = default) => store.LoadAsync(handle, ct);

        public ValueTask<bool> CreateAsync(SessionRecord record, CancellationToken ct = default) => store.CreateAsync(record, ct);

        public async ValueTask<SaveResult> SaveAsync(SessionHandle handle, SessionChanges changes, CancellationToken ct = default)
        {
            if (!harness.ForgetsTouches || !changes.IsTouch)
            {
                return await store.SaveAsync(handle, changes, ct);
            }

            return await store.LoadAsync(handle, ct) is { } record ? SaveResult.Saved(record) : SaveResult.Gone;
        }

        public ValueTask<bool> DeleteAsync(SessionHandle handle, CancellationToken ct = default) =>
            harness.Delete is { } delete ? new(delete()) : store.DeleteAsync(handle, ct);

        public ValueTask<SaveResult> RenewAsync(SessionHandle old, SessionRecord renewed, CancellationToken ct = default) =>
            store.RenewAsync(old, renewed, ct);
    }
}
