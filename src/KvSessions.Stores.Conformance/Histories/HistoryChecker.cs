namespace KvSessions.Stores.Conformance;

/// <summary>
/// Decides whether a history is linearizable: whether the calls could have been made one after another, each at some moment between call and
/// answer, with the answers that they got. A search over the possible orders, which remembers where it has been
/// (Wing and Gong, https://doi.org/10.1006/jpdc.1993.1015, with Lowe's memory of states, https://doi.org/10.1002/cpe.3928).
/// </summary>
internal static class HistoryChecker
{
    /// <summary>The most calls of one history: they are remembered as the bits of a number.</summary>
    public const int MaxEvents = 63;

    public static bool IsLinearizable(IReadOnlyList<HistoryEvent> history, ModelState start)
    {
        if (history.Count > MaxEvents)
        {
            throw new ArgumentException($"A history has at most {MaxEvents} calls, not {history.Count}.", nameof(history));
        }

        var answered = 0UL;
        for (var i = 0; i < history.Count; i++)
        {
            answered |= history[i].Answer is null ? 0 : 1UL << i;
        }

        var seen = new HashSet<(ulong Done, ModelState State)>();
        var open = new Stack<(ulong Done, ModelState State)>();
        open.Push((0, start));
        while (open.TryPop(out var place))
        {
            if ((place.Done & answered) == answered)
            {
                return true;
            }

            foreach (var next in NextPlaces(history, start.Now, place.Done, place.State))
            {
                if (seen.Add(next))
                {
                    open.Push(next);
                }
            }
        }

        return false;
    }

    private static IEnumerable<(ulong Done, ModelState State)> NextPlaces(
        IReadOnlyList<HistoryEvent> history, long start, ulong done, ModelState state)
    {
        // Nothing may come before a call that was answered before it was made itself.
        var earliestAnswer = long.MaxValue;
        for (var i = 0; i < history.Count; i++)
        {
            if ((done & (1UL << i)) == 0 && history[i].Answered < earliestAnswer)
            {
                earliestAnswer = history[i].Answered;
            }
        }

        for (var i = 0; i < history.Count; i++)
        {
            var (made, call) = (1UL << i, history[i]);
            if ((done & made) != 0 || call.Called > earliestAnswer)
            {
                continue;
            }

            if (call.Answer is null)
            {
                foreach (var now in Moments(history, start, done, call))
                {
                    foreach (var (_, next) in call.Operation.Step(state.At(now)))
                    {
                        yield return (done | made, next.At(state.Now));
                    }
                }

                continue;
            }

            foreach (var (answer, next) in call.Operation.Step(state))
            {
                if (call.Answer == answer)
                {
                    yield return (done | made, next);
                }
            }
        }
    }

    // Whoever gave a call up cannot know when the store looked at the clock for it: that may have been moved before the call is applied.
    private static IEnumerable<long> Moments(IReadOnlyList<HistoryEvent> history, long start, ulong done, HistoryEvent call)
    {
        var whenCalled = start;
        var since = new List<long>();
        for (var i = 0; i < history.Count; i++)
        {
            if (history[i].Operation is not BetweenOperation move)
            {
                continue;
            }

            if (history[i].Called < call.Called)
            {
                whenCalled = move.Now;
            }
            else if ((done & (1UL << i)) != 0)
            {
                since.Add(move.Now);
            }
        }

        return since.Append(whenCalled).Distinct();
    }
}
