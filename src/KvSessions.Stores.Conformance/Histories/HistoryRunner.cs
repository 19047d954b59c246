namespace KvSessions.Stores.Conformance;

/// <summary>Runs programs against a store, and checks the histories that come of it.</summary>
internal sealed class HistoryRunner(SessionStoreHarness harness, bool canRestart)
{
    private const int ReduceTries = 30;
    private const int MaxReductions = 400;

    /// <summary>Runs the program of a seed, from which <paramref name="random"/> was made, once.</summary>
    /// <returns><see langword="null"/> if the history was in order; else the seed and the shortest history found that is not.</returns>
    public async Task<string?> CheckAsync(int seed, Random random)
    {
        var program = new HistoryGenerator(random, harness.Store, canRestart).Next();
        var (history, isInOrder) = await RunAsync(program);
        return isInOrder ? null : await ReportAsync(seed, program, history);
    }

    private async Task<string> ReportAsync(int seed, HistoryProgram program, IReadOnlyList<HistoryEvent> history)
    {
        (program, history) = await ReduceAsync(program, history);
        var calls = history.OrderBy(static call => call.Called).ToList();
        var verdict = calls.Find(static call => call.Fault is not null) is { Fault: { } fault }
            ? $"the store threw {fault.GetType().Name} in a history of {program.CallCount} calls."
            : $"no order of these {program.CallCount} calls explains the answers.";
        var faults = calls.Where(static call => call.Fault is not null).Select(static call => $"{Environment.NewLine}{call.Fault}");
        return $"Seed {seed}: {verdict} Times count from the beginning."
            + string.Concat(calls.Select(static call => $"{Environment.NewLine}  {call}"))
            + string.Concat(faults.Take(1));
    }

    // A race does not show on every run, so a shorter program gets several tries to fail.
    private async Task<(HistoryProgram Program, IReadOnlyList<HistoryEvent> History)> ReduceAsync(
        HistoryProgram program, IReadOnlyList<HistoryEvent> history)
    {
        for (var reduction = 0; reduction < MaxReductions && !IsStuck(history); reduction++)
        {
            var found = await FindShorterAsync(program);
            if (found is not { } shorter)
            {
                break;
            }

            (program, history) = shorter;
        }

        return (program, history);
    }

    // A store that could not be reopened runs no other program.
    private static bool IsStuck(IReadOnlyList<HistoryEvent> history) => history.Any(static call => call is { Client: null, Fault: not null });

    private async Task<(HistoryProgram Program, IReadOnlyList<HistoryEvent> History)?> FindShorterAsync(HistoryProgram program)
    {
        foreach (var shorter in program.Shorter())
        {
            for (var attempt = 0; attempt < ReduceTries; attempt++)
            {
                var (history, isInOrder) = await RunAsync(shorter);
                if (!isInOrder)
                {
                    return (shorter, history);
                }
            }
        }

        return null;
    }

    private async Task<(IReadOnlyList<HistoryEvent> History, bool IsInOrder)> RunAsync(HistoryProgram program)
    {
        // Handles and subjects of its own, so that one store serves many histories.
        var handles = Enumerable.Range(0, HistoryGenerator.SessionCount).Select(static _ => SessionId.New().Handle).ToArray();
        var prefix = $"{handles[0]}/";
        var clock = new HistoryClock(harness);
        var start = ModelState.Start(clock.Now);
        var log = new HistoryLog();
        var clients = program.Rounds[0].Clients.Select(_ => new HistoryClient(harness, clock, handles, prefix)).ToList();
        foreach (var round in program.Rounds)
        {
            await Task.WhenAll(round.Clients.Select((calls, i) => Task.Run(() => RunClientAsync(clients[i], i, calls, log))));
            if ((round.Restarts || round.Advance > TimeSpan.Zero) && !await TryGoOnAsync(round, clock, log))
            {
                break;
            }
        }

        var history = log.ToList();
        return (history, HistoryChecker.IsLinearizable(history, start));
    }

    /// <summary>What comes after the calls of a round.</summary>
    /// <returns>Whether the store is there for another one.</returns>
    private async Task<bool> TryGoOnAsync(HistoryRound round, HistoryClock clock, HistoryLog log)
    {
        var called = log.Tick();
        Exception? fault = null;
        try
        {
            if (round.Restarts)
            {
                await harness.ReopenAsync();
            }

            if (round.Advance > TimeSpan.Zero)
            {
                await harness.AdvanceAsync(round.Advance);
            }
        }
        catch (Exception thrown)
        {
            fault = thrown;
        }

        log.Add(new HistoryEvent(
            null, new BetweenOperation(round.Restarts, clock.Now), called, log.Tick(), fault is null ? BetweenOperation.Done : Describe(fault), fault));
        return fault is null;
    }

    private static async Task RunClientAsync(HistoryClient client, int number, IReadOnlyList<PlannedCall> calls, HistoryLog log)
    {
        foreach (var call in calls)
        {
            var operation = call.Operation.Prepare(client);
            var called = log.Tick();
            var (answer, fault) = await AnswerAsync(client, operation, call.CancelAfter);
            log.Add(new HistoryEvent(number, operation, called, answer is null ? long.MaxValue : log.Tick(), answer, fault));
        }
    }

    private static async Task<(string? Answer, Exception? Fault)> AnswerAsync(HistoryClient client, HistoryOperation operation, int? cancelAfter)
    {
        using var cancellation = new CancellationTokenSource();
        if (cancelAfter == 0)
        {
            await cancellation.CancelAsync();
        }

        try
        {
            var answer = operation.ExecuteAsync(client, cancellation.Token);
            for (var step = 0; step < cancelAfter; step++)
            {
                await Task.Yield();
            }

            if (cancelAfter is not null)
            {
                await cancellation.CancelAsync();
            }

            return (await answer, null);
        }
        catch (OperationCanceledException) when (cancelAfter is not null)
        {
            return (null, null);
        }
        catch (SessionStoreException fault) when (fault.Error == SessionStoreError.UnknownOutcome)
        {
            return (null, null);
        }
        catch (Exception fault)
        {
            return (Describe(fault), fault);
        }
    }

    private static string Describe(Exception fault) =>
        fault is SessionStoreException { Error: var error } ? $"threw {fault.GetType().Name} ({error})" : $"threw {fault.GetType().Name}";
}
