using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;

namespace KvSessions.Bench;

/// <summary>What <see cref="MemoryStoreOperations"/> cannot be faster than.</summary>
[MemoryDiagnoser]
public class MemoryDriver
{
    private const int Sessions = 10_000;

    private readonly ConcurrentDictionary<SessionHandle, byte[]> _blobs = new();
    private readonly SessionHandle[] _handles = [.. Enumerable.Range(0, Sessions).Select(static _ => Payload.NewHandle())];
    private int _next;

    [GlobalSetup]
    public void SetUp() => Array.ForEach(_handles, handle => _blobs[handle] = Payload.NewBlob());

    [Benchmark]
    public byte[] Find() => _blobs[Next()];

    [Benchmark]
    public void Update() => _blobs[Next()] = Payload.NewBlob();

    [Benchmark]
    public bool InsertAndDelete()
    {
        var handle = Payload.NewHandle();
        return _blobs.TryAdd(handle, Payload.NewBlob()) && _blobs.TryRemove(handle, out _);
    }

    private SessionHandle Next() => _handles[_next = (_next + 7) % Sessions];
}
