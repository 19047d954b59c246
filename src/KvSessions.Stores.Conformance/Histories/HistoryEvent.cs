namespace KvSessions.Stores.Conformance;

/// <summary>
/// One call in a history that was run: when it was made, when it was answered, and what the answer was. Without an answer (it was
/// cancelled) it may have been applied, at any time since, or not at all. An exception is an answer that no store may give.
/// </summary>
/// <param name="Client">Who made the call.</param>
/// <param name="Operation">The call.</param>
/// <param name="Called">Its place in the order of all calls and answers.</param>
/// <param name="Answered">The place of its answer; the end of time if there was none.</param>
/// <param name="Answer">What it answered; <see langword="null"/> if it did not.</param>
/// <param name="Fault">What it threw, other than that it was cancelled.</param>
internal sealed record HistoryEvent(
    int? Client, HistoryOperation Operation, long Called, long Answered, string? Answer, Exception? Fault = null)
{
    public override string ToString() =>
        Client is null
            ? $"[{Called}..{Answered}] {Operation}{(Fault is null ? "" : $" -> {Answer}")}"
            : $"[{Called}..{(Answer is null ? "" : Answered)}] client {Client}: {Operation} -> {Answer ?? "(cancelled: maybe applied)"}";
}

/// <summary>What happened while nobody was calling: the store was closed and opened, the clock was moved.</summary>
internal sealed record BetweenOperation(bool Restarted, long Now) : HistoryOperation
{
    public const string Done = "done";

    public override Task<string> ExecuteAsync(HistoryClient client, CancellationToken ct) => throw new InvalidOperationException("No client does that.");

    public override IEnumerable<(string Answer, ModelState Next)> Step(ModelState state) => [(Done, state.At(Now))];

    public override string ToString() => $"{(Restarted ? "the store is reopened; " : "")}it is {HistoryTime.Moment(Now)}";
}
