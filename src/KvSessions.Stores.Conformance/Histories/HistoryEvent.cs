namespace KvSessions.Stores.Conformance;

/// <summary>
/// One call in a history that was run: when it was made, when it was answered, and what the answer was. Without an answer (it was
/// cancelled) it may have been applied, at any time since, or not at all.
/// </summary>
/// <param name="Client">Who made the call.</param>
/// <param name="Operation">The call.</param>
/// <param name="Called">Its place in the order of all calls and answers.</param>
/// <param name="Answered">The place of its answer; the end of time if there was none.</param>
/// <param name="Answer">What it answered; <see langword="null"/> if it did not.</param>
internal sealed record HistoryEvent(int Client, HistoryOperation Operation, long Called, long Answered, string? Answer)
{
    public override string ToString() => $"[{Called}..{(Answer is null ? "" : Answered)}] client {Client}: {Operation} -> {Answer ?? "(cancelled: maybe applied)"}";
}

/// <summary>The clock was moved, while nobody was calling.</summary>
internal sealed record ClockOperation(long Now) : HistoryOperation
{
    public override Task<string> ExecuteAsync(HistoryClient client, CancellationToken ct) => throw new InvalidOperationException("No client moves the clock.");

    public override IEnumerable<(string Answer, ModelState Next)> Step(ModelState state) => [("moved", state.At(Now))];
}
