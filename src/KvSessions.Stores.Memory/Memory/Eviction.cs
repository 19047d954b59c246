using Microsoft.Extensions.Logging;

namespace KvSessions.Stores.Memory;

/// <summary>
/// Keeps the number of sessions within its bound. A batch looks at all sessions once and makes room for a hundredth of the bound, so
/// that creating a session pays for looking at about a hundred others, whatever the bound.
/// </summary>
internal sealed class Eviction(SlotTable table, int maxSessions, TimeProvider clock, ILogger logger)
{
    // The worst candidate to keep is the best to drop; the queue gives away the one that is most worth keeping.
    private static readonly IComparer<(bool IsSignedIn, DateTimeOffset LastSeenAt)> MostWorthKeepingFirst =
        Comparer<(bool IsSignedIn, DateTimeOffset LastSeenAt)>.Create(static (x, y) => y.CompareTo(x));

    private readonly Lock _one = new();

    /// <summary>Evicts until the sessions are within the bound again, <paramref name="newcomer"/> not among the evicted.</summary>
    public void MakeRoomFor(SessionHandle newcomer)
    {
        // Whoever finds the lock taken has added its session before the one who holds it looks at the count again.
        while (table.Count > maxSessions && _one.TryEnter())
        {
            try
            {
                EvictBatch(newcomer);
            }
            finally
            {
                _one.Exit();
            }
        }
    }

    private void EvictBatch(SessionHandle newcomer)
    {
        var room = maxSessions / 100;
        var candidates = EndExpired(newcomer, table.Count - maxSessions + room);
        var surplus = table.Count - maxSessions;
        if (surplus <= 0)
        {
            return;
        }

        var (anonymous, signedIn) = (0, 0);
        foreach (var ((slot, seen, record), (isSignedIn, _)) in candidates.UnorderedItems.OrderBy(static item => item.Priority).Take(surplus + room))
        {
            // A session that was used since it was looked at is no longer among the least recently seen.
            if (table.TryEnd(slot, seen, record))
            {
                anonymous += isSignedIn ? 0 : 1;
                signedIn += isSignedIn ? 1 : 0;
            }
        }

        logger.Evicted(maxSessions, anonymous, signedIn);
    }

    /// <summary>Ends all expired sessions, and finds the <paramref name="most"/> live ones that are least worth keeping.</summary>
    private PriorityQueue<(Slot Slot, object? Seen, SessionRecord Record), (bool IsSignedIn, DateTimeOffset LastSeenAt)> EndExpired(
        SessionHandle newcomer, int most)
    {
        var candidates = new PriorityQueue<(Slot, object?, SessionRecord), (bool, DateTimeOffset)>(MostWorthKeepingFirst);
        var now = clock.GetUtcNow();
        foreach (var slot in table.Slots)
        {
            if (slot.Read(out var seen) is not { } record || record.Handle == newcomer)
            {
                continue;
            }

            if (record.IsExpiredAt(now))
            {
                table.TryEnd(slot, seen, record);
                continue;
            }

            var candidate = (slot, seen, record);
            var worth = (record.Subject is not null, record.LastSeenAt);
            if (candidates.Count < most)
            {
                candidates.Enqueue(candidate, worth);
            }
            else
            {
                candidates.EnqueueDequeue(candidate, worth);
            }
        }

        return candidates;
    }
}
