using BenchmarkDotNet.Attributes;
using KvSessions.Stores.Memory;

namespace KvSessions.Bench;

/// <summary>What a memory cache costs that holds the session, and what it adds to a save.</summary>
[MemoryDiagnoser]
public class CachedOperations
{
    private const int Sessions = 10_000;

    private readonly SessionHandle[] _handles = [.. Enumerable.Range(0, Sessions).Select(static _ => Payload.NewHandle())];
    private readonly CachedSessionStore _store = CachedSessionStore.InMemory(
        new MemoryStore(), new SessionCacheOptions { MaxStaleness = TimeSpan.FromDays(1) });
    private int _next;

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        foreach (var handle in _handles)
        {
            await _store.CreateAsync(Payload.NewRecord(handle));
            await _store.LoadAsync(handle);
        }
    }

    [Benchmark(Description = "hit")]
    public ValueTask<SessionRecord?> HitAsync() => _store.LoadAsync(Next());

    [Benchmark(Description = "save of a key")]
    public ValueTask<SaveResult> SaveAsync() => _store.SaveAsync(Next(), Payload.NewChanges());

    private SessionHandle Next() => _handles[_next = (_next + 7) % Sessions];
}
