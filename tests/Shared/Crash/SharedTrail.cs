namespace KvSessions.Tests.Crash;

/// <summary>A session in which every client sets a key of its own, named after it, all at the same time.</summary>
internal sealed class SharedTrail(SessionHandle handle)
{
    private readonly Dictionary<string, List<(string? Value, bool IsAnswered)>> _possible = [];
    private readonly HashSet<long> _versions = [];
    private readonly List<string> _faults = [];
    private long _answered;
    private long _unanswered;

    public SessionHandle Handle => handle;

    public void Follow(WriteCall call, WriteAnswer? answer)
    {
        var (key, value) = call.Sets!.Single();
        var possible = _possible.TryGetValue(key, out var known) ? known : _possible[key] = [(null, true)];
        switch (answer?.Outcome)
        {
            case WriteOutcome.Applied:
                _answered++;

                // A call without an answer may still be on its way, and come after this one.
                possible.RemoveAll(static expected => expected.IsAnswered);
                possible.Add((value, true));
                if (!_versions.Add(answer.Version!.Value))
                {
                    _faults.Add($"{call} was answered {answer}, and so was another call");
                }

                break;

            case null or WriteOutcome.Unknown:
                _unanswered++;
                possible.Add((value, false));
                break;

            case WriteOutcome.Refused:
                break;

            default:
                _faults.Add($"{call} was answered {answer}, but the session was there all the time");
                break;
        }
    }

    public async Task<TrailResult> CheckAsync(ISessionStore store)
    {
        if (await store.LoadAsync(handle) is not { } record)
        {
            return new TrailResult($"The shared session {handle} is gone.", 0, false);
        }

        var found = SessionState.Of(record);
        var faults = new List<string>(_faults);
        var kept = 0;
        foreach (var (key, possible) in _possible)
        {
            var value = found.Values.GetValueOrDefault(key);
            if (possible.All(expected => expected.Value != value))
            {
                faults.Add($"{key} is {value ?? "missing"}, expected {string.Join(" or ", possible.Select(static expected => expected.Value ?? "nothing"))}");
            }
            else if (possible.Any(expected => expected.Value == value && !expected.IsAnswered))
            {
                kept++;
            }
        }

        faults.AddRange(found.Values.Keys.Where(key => !_possible.ContainsKey(key)).Select(static key => $"{key} was set by nobody"));
        var (least, most) = (1 + _answered + kept, 1 + _answered + _unanswered);
        if (found.Version < least || found.Version > most)
        {
            faults.Add($"the version is {found.Version}, expected {least} to {most}");
        }

        return new TrailResult(faults.Count == 0 ? null : $"The shared session {handle}: {string.Join("; ", faults)}.", 1, kept > 0);
    }
}
