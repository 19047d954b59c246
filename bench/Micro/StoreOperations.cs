using BenchmarkDotNet.Attributes;

namespace KvSessions.Bench;

/// <summary>The operations of a store, among ten thousand sessions, one call at a time.</summary>
[MemoryDiagnoser]
public abstract class StoreOperations
{
    private const int Sessions = 10_000;

    private readonly SessionHandle[] _handles = [.. Enumerable.Range(0, Sessions).Select(static _ => Payload.NewHandle())];
    private readonly SessionChanges _changes = Payload.NewChanges();
    private ISessionStore _store = null!;
    private int _next;

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        _store = await OpenAsync();
        foreach (var chunk in _handles.Chunk(100))
        {
            await Task.WhenAll(chunk.Select(handle => _store.CreateAsync(Payload.NewRecord(handle)).AsTask()));
        }
    }

    [GlobalCleanup]
    public abstract Task CleanUpAsync();

    [Benchmark]
    public ValueTask<SessionRecord?> LoadAsync() => _store.LoadAsync(Next());

    [Benchmark]
    public ValueTask<SaveResult> SaveAsync() => _store.SaveAsync(Next(), _changes);

    [Benchmark]
    public ValueTask<SaveResult> TouchAsync() => _store.SaveAsync(Next(), SessionChanges.Touch);

    [Benchmark]
    public async Task<bool> CreateAndDeleteAsync()
    {
        var handle = Payload.NewHandle();
        return await _store.CreateAsync(Payload.NewRecord(handle)) && await _store.DeleteAsync(handle);
    }

    protected abstract Task<ISessionStore> OpenAsync();

    private SessionHandle Next() => _handles[_next = (_next + 7) % Sessions];
}
