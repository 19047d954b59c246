using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KvSessions;

/// <summary>
/// Touches sessions in the background, each one at most once in a fraction of its idle timeout, however many requests carry it.
/// </summary>
/// <remarks>
/// Whether a touch is due is measured from the last one that this process wrote, by its own clock, and never by comparing that clock
/// with a stored time: the clock that decides may be another one. What is lost by not writing is made good by
/// <see cref="SessionFactory"/>, which stores the idle timeout longer by the same fraction.
/// </remarks>
internal sealed class SessionTouches(
    StoreCalls store, IOptions<KvSessionsOptions> options, TimeProvider clock, ILogger<SessionTouches> logger)
{
    private const int MaxRemembered = 100_000;
    private const int MaxInFlight = 256;

    private static readonly TimeSpan ForgetTheDeadFor = TimeSpan.FromMinutes(1);

    private readonly double _fraction = options.Value.TouchFraction;
    private readonly TimeSpan _retryAfter = options.Value.OperationTimeout;
    private readonly ConcurrentDictionary<UInt128, NextTouch> _next = new();
    private readonly ConcurrentDictionary<Task, bool> _inFlight = new();
    private int _added;

    /// <summary>Whether this process has not touched the session for long enough at a <see cref="Timestamp"/>.</summary>
    public bool IsDue(SessionId id, long now) => Find(id) is not { } next || now >= next.DueAt;

    /// <summary>The time by this process's own clock.</summary>
    public long Timestamp => clock.GetTimestamp();

    /// <summary>Notes that the store has seen the session: it was saved.</summary>
    /// <param name="id">The session.</param>
    /// <param name="expiry">Its expiry as stored.</param>
    /// <param name="asked">The <see cref="Timestamp"/> before the save: the store saw the session no earlier, and who knows how much later the answer came.</param>
    public void Touched(SessionId id, SessionExpiry expiry, long asked) => Remember(id, asked, Interval(expiry));

    /// <summary>Touches the session, if that is due, without anybody waiting for it.</summary>
    /// <param name="id">The session.</param>
    /// <param name="expiry">Its expiry as stored, if that is known: another process may have given it a shorter one since.</param>
    public void Touch(SessionId id, SessionExpiry? expiry = null)
    {
        var now = clock.GetTimestamp();
        if (!TryClaim(id, now, expiry))
        {
            return;
        }

        var touch = TouchAsync(id, now);
        if (!touch.IsCompleted)
        {
            _inFlight.TryAdd(touch, true);
            touch.ContinueWith(
                static (done, inFlight) => ((ConcurrentDictionary<Task, bool>)inFlight!).TryRemove(done, out _),
                _inFlight,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }

    /// <summary>Waits for the touches under way, each of which ends within the operation timeout.</summary>
    public Task DrainAsync() => Task.WhenAll(_inFlight.Keys);

    // Of many requests at the same time, one touches. With too much under way (a store that does not answer), a later request will.
    private bool TryClaim(SessionId id, long now, SessionExpiry? expiry)
    {
        var claimed = now + ToTimestamp(_retryAfter);
        if (Find(id) is { } next)
        {
            var due = next.DueAt;
            return (now >= due || IsTooLate(due, now, expiry)) && _inFlight.Count < MaxInFlight && next.TryPutOff(due, claimed);
        }

        if (_inFlight.Count >= MaxInFlight || !_next.TryAdd(id.Half, new NextTouch(this, claimed)))
        {
            return false;
        }

        Prune(now);
        return true;
    }

    // Later than any touch can be due that was put off by this expiry, or by one that is under way.
    private bool IsTooLate(long due, long now, SessionExpiry? expiry) =>
        expiry is not null && Interval(expiry) is var interval && due > now + ToTimestamp(interval > _retryAfter ? interval : _retryAfter);

    private async Task TouchAsync(SessionId id, long asked)
    {
        // The request goes on at once, even if the store does its work before it returns.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            var result = await store.SaveAsync(id.Handle, SessionChanges.Touch, CancellationToken.None).ConfigureAwait(false);
            Remember(id, asked, result.Status == SaveStatus.Saved ? Interval(result.Expiry!) : ForgetTheDeadFor);
        }
        catch (Exception fault)
        {
            // Nobody waits for a touch. Its claim runs out after the operation timeout, and the next request tries again.
            logger.TouchFailed(id.Handle, fault);
        }
    }

    private TimeSpan Interval(SessionExpiry expiry) =>
        expiry.IdleTimeout is { } stored ? TouchInterval.OfStored(stored, _fraction) : TouchInterval.Longest;

    private void Remember(SessionId id, long from, TimeSpan interval)
    {
        (Find(id) ?? _next.GetOrAdd(id.Half, new NextTouch(this, from))).DueAt = from + ToTimestamp(interval);
        Prune(from);
    }

    // Forgetting costs a session one touch more than needed, so it may be done coarsely.
    private void Prune(long now)
    {
        if (Interlocked.Increment(ref _added) % 1024 != 0 || _next.Count <= MaxRemembered)
        {
            return;
        }

        Forget(next => next.DueAt <= now);
        if (_next.Count > MaxRemembered)
        {
            Forget(static _ => true);
        }
    }

    private void Forget(Predicate<NextTouch> which)
    {
        foreach (var entry in _next)
        {
            if (which(entry.Value))
            {
                _next.TryRemove(entry);
                entry.Value.Forget();
            }
        }
    }

    // An id that comes again refers to it, which saves the search.
    private NextTouch? Find(SessionId id)
    {
        if (id.NextTouch is { } known && known.IsOf(this))
        {
            return known;
        }

        if (_next.TryGetValue(id.Half, out var next))
        {
            id.NextTouch = next;
        }

        return next;
    }

    private long ToTimestamp(TimeSpan interval) => (long)(interval.TotalSeconds * clock.TimestampFrequency);
}
