using KvSessions.Stores.Memory;

namespace KvSessions.Bench;

public class MemoryStoreOperations : StoreOperations
{
    public override Task CleanUpAsync() => Task.CompletedTask;

    protected override Task<ISessionStore> OpenAsync() => Task.FromResult<ISessionStore>(new MemoryStore());
}
