namespace KvSessions.Tests.Crash;

/// <summary>
/// A session that only one client uses, from its creation through its renewals to its end: what it may be by what was reported. A call
/// without an answer leaves two possibilities, anything else leaves one.
/// </summary>
internal sealed class SessionTrail
{
    private const int Shown = 8;

    private readonly List<(WriteCall Call, WriteAnswer? Answer)> _calls = [];
    private readonly HashSet<SessionHandle> _handles = [];
    private List<Possibility> _possible = [new(null, null)];
    private string? _fault;

    /// <summary>Takes in the next call.</summary>
    public void Follow(WriteCall call, WriteAnswer? answer)
    {
        _calls.Add((call, answer));
        _handles.Add(call.Renewed ?? call.Handle);
        if (_fault is not null)
        {
            return;
        }

        var next = _possible.SelectMany(before => After(before, call, answer)).ToList();
        if (next.Count == 0)
        {
            _fault = $"{call} was answered {answer}, which is wrong for {Expected}";
            return;
        }

        _possible = next;
    }

    /// <summary>Holds the store against what was reported, and remembers what was found: from then on only that is possible.</summary>
    public async Task<TrailResult> CheckAsync(ISessionStore store)
    {
        var found = new List<SessionState>();
        foreach (var handle in _handles)
        {
            if (await store.LoadAsync(handle) is { } record)
            {
                found.Add(SessionState.Of(record));
            }
        }

        var unanswered = _possible.Count > 1 ? _calls[^1].Call : null;
        var settled = _possible.Where(possible => possible.Is(found)).ToList();
        if (_fault is null && settled.Count > 0)
        {
            _possible = settled;
            return new TrailResult(null, found.Count, unanswered is not null && settled.All(possible => possible.Cause == unanswered));
        }

        var fault = _fault ?? $"expected {Expected}";
        return new TrailResult(
            $"{fault}; found {(found.Count == 0 ? "no session" : string.Join(" and ", found))}."
            + $" The last calls of client {_calls[^1].Call.Client} on it:"
            + string.Concat(_calls.TakeLast(Shown).Select(static made => $"\n    {made.Call} -> {made.Answer?.ToString() ?? "no answer"}")),
            found.Count,
            false);
    }

    private string Expected => string.Join(", or ", _possible);

    private static IEnumerable<Possibility> After(Possibility before, WriteCall call, WriteAnswer? answer)
    {
        var (outcome, after) = SessionState.Apply(before.State, call);
        if (answer is { Outcome: WriteOutcome.Refused })
        {
            return [before];
        }

        if (answer is null or { Outcome: WriteOutcome.Unknown })
        {
            return outcome == WriteOutcome.Applied ? [before, new(after, call)] : [before];
        }

        var isTrue = outcome == answer.Outcome && (answer.Version is null || answer.Version == after?.Version);
        return !isTrue ? []
            : outcome != WriteOutcome.Applied ? [before]
            : [new(after is null ? null : after with { LastSeenAt = answer.LastSeenAt ?? after.LastSeenAt }, call)];
    }

    /// <param name="State">What there is; <see langword="null"/> is no session.</param>
    /// <param name="Cause">The call that made it so.</param>
    private sealed record Possibility(SessionState? State, WriteCall? Cause)
    {
        public bool Is(List<SessionState> found) =>
            State is null ? found.Count == 0 : found is [var only] && State.IsAlso(only);

        public override string ToString() => $"{State?.ToString() ?? "no session"} (after {Cause?.ToString() ?? "nothing"})";
    }
}

/// <summary>What was found of a session.</summary>
/// <param name="Fault">What is wrong; <see langword="null"/> if nothing is.</param>
/// <param name="Live">How many sessions there were under its handles.</param>
/// <param name="KeptUnanswered">Whether a call without an answer turned out to have been applied.</param>
internal sealed record TrailResult(string? Fault, int Live, bool KeptUnanswered);
