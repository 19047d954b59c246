using System.Diagnostics.Metrics;

namespace KvSessions;

/// <summary>What a cache counts, for whoever listens to the meter <c>KvSessions</c>; docs/caching.md says what each figure means.</summary>
internal sealed class CacheFigures
{
    private readonly Counter<long> _hits;
    private readonly Counter<long> _misses;
    private readonly Counter<long> _staleRefusals;
    private readonly Counter<long> _staleAnswers;
    private readonly Counter<long> _buriedRefills;
    private readonly Counter<long> _invalidationsSent;
    private readonly Counter<long> _invalidationsReceived;
    private readonly Counter<long> _bypasses;
    private readonly KeyValuePair<string, object?> _cache;

    /// <param name="meters">Makes the meter; without one there is one of this process.</param>
    /// <param name="cache">What the cache is called in the figures.</param>
    public CacheFigures(IMeterFactory? meters, string cache)
    {
        _cache = new("cache", cache);
        var meter = meters?.Create(MeterName) ?? Shared;
        _hits = meter.CreateCounter<long>("kvsessions.cache.hits", "{read}", "Reads that the cache answered.");
        _misses = meter.CreateCounter<long>("kvsessions.cache.misses", "{read}", "Reads of sessions that the cache did not hold.");
        _staleRefusals = meter.CreateCounter<long>(
            "kvsessions.cache.stale_refusals", "{read}", "Reads of sessions that the cache held, but had to ask the store about.");
        _staleAnswers = meter.CreateCounter<long>(
            "kvsessions.cache.stale_answers", "{read}", "Reads that were answered from the cache because the store was unavailable.");
        _buriedRefills = meter.CreateCounter<long>(
            "kvsessions.cache.buried_refills", "{load}", "Loads that were overtaken by a write, and so not kept.");
        _invalidationsSent = meter.CreateCounter<long>(
            "kvsessions.cache.invalidations_sent", "{message}", "Writes that the other nodes were told of.");
        _invalidationsReceived = meter.CreateCounter<long>(
            "kvsessions.cache.invalidations_received", "{message}", "Writes that other nodes told of.");
        _bypasses = meter.CreateCounter<long>(
            "kvsessions.cache.bypasses", "{call}", "Calls of a shared cache that failed, were too slow, or were not made because of that.");
    }

    public const string MeterName = "KvSessions";

    // Not disposed: it ends with the process.
    private static Meter Shared { get; } = new(MeterName);

    public void Hit() => _hits.Add(1, _cache);

    public void Miss() => _misses.Add(1, _cache);

    public void StaleRefusal() => _staleRefusals.Add(1, _cache);

    public void StaleAnswer() => _staleAnswers.Add(1, _cache);

    public void BuriedRefill() => _buriedRefills.Add(1, _cache);

    public void InvalidationSent() => _invalidationsSent.Add(1, _cache);

    public void InvalidationReceived() => _invalidationsReceived.Add(1, _cache);

    public void Bypass() => _bypasses.Add(1, _cache);
}
