using KvSessions.Stores.Memory;
using Microsoft.Extensions.Time.Testing;

namespace KvSessions.Core.Tests;

/// <summary>A memory cache before a store that counts, on a clock that stands still until it is moved.</summary>
internal sealed class CacheBench : IDisposable
{
    public CacheBench(Action<SessionCacheOptions>? configure = null, FakeCoherence? coherence = null, ISessionStore? inner = null)
    {
        var options = new SessionCacheOptions();
        configure?.Invoke(options);
        Store = new CountingStore(new MemoryStore(timeProvider: Clock));
        Cached = CachedSessionStore.InMemory(
            inner ?? Store, options, Clock, coherence, new CacheFigures(Figures, SessionCacheOptions.Name), TimeSpan.FromSeconds(1));
    }

    public FakeTimeProvider Clock { get; } = new(Records.T0);

    public CountingStore Store { get; }

    public CachedSessionStore Cached { get; }

    public ISubjectLimitStore Limits => (ISubjectLimitStore)Cached;

    public MemorySessionCache Cache => (MemorySessionCache)Cached.Cache;

    public FigureReader Figures { get; } = new();

    public int Loads => Store.Count(StoreVerb.Load);

    public int Versions => Store.Count(StoreVerb.LoadVersion);

    /// <summary>A session that is stored and held; the calls that it took are forgotten.</summary>
    public async Task<SessionHandle> SeedAsync(string? subject = null, SessionExpiry? expiry = null)
    {
        var record = Records.New(expiry, subject, ("a", [1]));
        Assert.True(await Cached.CreateAsync(record));
        Assert.NotNull(await Cached.LoadAsync(record.Handle));
        Store.Forget();
        return record.Handle;
    }

    public async Task<byte> ReadAsync(SessionHandle handle, string key = "a") => (await Cached.LoadAsync(handle))!.Values[key].Span[0];

    public void Dispose() => Figures.Dispose();
}
