namespace KvSessions.Stores.Conformance;

/// <summary>What the clients of a history are to do, round by round. Between rounds nobody calls, and the clock moves or the store restarts.</summary>
/// <param name="Rounds">The rounds.</param>
internal sealed record HistoryProgram(IReadOnlyList<HistoryRound> Rounds)
{
    public int CallCount => Rounds.Sum(static round => round.Clients.Sum(static calls => calls.Count));

    /// <summary>The same program without one of its calls, restarts or moves of the clock, for each of them.</summary>
    public IEnumerable<HistoryProgram> Shorter()
    {
        for (var r = 0; r < Rounds.Count; r++)
        {
            if (Rounds[r].Restarts)
            {
                yield return With(r, Rounds[r] with { Restarts = false });
            }

            if (Rounds[r].Advance != TimeSpan.Zero)
            {
                yield return With(r, Rounds[r] with { Advance = TimeSpan.Zero });
            }

            for (var c = 0; c < Rounds[r].Clients.Count; c++)
            {
                for (var i = 0; i < Rounds[r].Clients[c].Count; i++)
                {
                    yield return Without(r, c, i);
                }
            }
        }
    }

    private HistoryProgram Without(int round, int client, int call)
    {
        var clients = Rounds[round].Clients.ToList();
        clients[client] = [.. clients[client].Where((_, i) => i != call)];
        return With(round, Rounds[round] with { Clients = clients });
    }

    private HistoryProgram With(int round, HistoryRound changed) => new([.. Rounds.Select((unchanged, i) => i == round ? changed : unchanged)]);
}

/// <summary>One round: the clients' calls, side by side; then the clock moves, and the store may restart.</summary>
/// <param name="Clients">For each client its calls, one after another.</param>
/// <param name="Advance">How far the clock moves afterwards.</param>
/// <param name="Restarts">Whether the store is closed and opened afterwards.</param>
internal sealed record HistoryRound(IReadOnlyList<IReadOnlyList<PlannedCall>> Clients, TimeSpan Advance, bool Restarts);

/// <summary>A call that a client is to make.</summary>
/// <param name="Operation">The call.</param>
/// <param name="CancelAfter">After how many steps of the scheduler it is cancelled; <see langword="null"/> for not at all.</param>
internal sealed record PlannedCall(HistoryOperation Operation, int? CancelAfter);
