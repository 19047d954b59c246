namespace KvSessions.Tests.Crash;

/// <summary>
/// Holds a store against the reports of those who wrote to it (<see cref="WriteReport"/>): what was acknowledged is there, what was
/// answered nothing or "unknown" is there wholly or not at all, and nothing else has happened.
/// </summary>
/// <remarks>
/// A session belongs to one client, which makes one call after another and makes no further call to a session whose last call had no
/// certain end. The one exception is the shared session, in which every client sets the key that has its name.
/// </remarks>
internal sealed class AcknowledgedWrites(SessionHandle? shared = null)
{
    private readonly List<SessionTrail> _trails = [];
    private readonly SharedTrail? _shared = shared is { } handle ? new(handle) : null;

    /// <summary>How many calls were answered as applied, gone or conflict.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>How many calls had no answer, or the answer that the outcome is unknown.</summary>
    public int Unanswered { get; private set; }

    /// <summary>How many calls were answered that the store failed and nothing was changed.</summary>
    public int Refused { get; private set; }

    /// <summary>How many sessions were found by the last check.</summary>
    public int Live { get; private set; }

    /// <summary>How many sessions were found by the first check as a call without an answer would have left them.</summary>
    public int KeptUnanswered { get; private set; }

    /// <summary>Takes in the report of one process, whole or up to where it was killed.</summary>
    public void Add(string report)
    {
        var trails = new Dictionary<SessionHandle, SessionTrail>();
        foreach (var (call, answer) in WriteReport.Read(report))
        {
            Count(answer);
            if (_shared is not null && call.Handle == _shared.Handle)
            {
                _shared.Follow(call, answer);
                continue;
            }

            if (!trails.TryGetValue(call.Handle, out var trail))
            {
                trails[call.Handle] = trail = new SessionTrail();
                _trails.Add(trail);
            }

            if (call.Renewed is { } renewed)
            {
                trails[renewed] = trail;
            }

            trail.Follow(call, answer);
        }
    }

    /// <summary>Reads every session that was ever reported.</summary>
    /// <returns>What is wrong, a text for each session; empty if nothing is.</returns>
    public async Task<IReadOnlyList<string>> CheckAsync(ISessionStore store)
    {
        var results = new List<TrailResult>();
        foreach (var trail in _trails)
        {
            results.Add(await trail.CheckAsync(store));
        }

        if (_shared is not null)
        {
            results.Add(await _shared.CheckAsync(store));
        }

        Live = results.Sum(static result => result.Live);
        KeptUnanswered = Math.Max(KeptUnanswered, results.Count(static result => result.KeptUnanswered));
        return [.. results.Select(static result => result.Fault).OfType<string>()];
    }

    private void Count(WriteAnswer? answer)
    {
        switch (answer?.Outcome)
        {
            case null or WriteOutcome.Unknown:
                Unanswered++;
                break;

            case WriteOutcome.Refused:
                Refused++;
                break;

            default:
                Acknowledged++;
                break;
        }
    }
}
