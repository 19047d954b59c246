using KvSessions.Tests.Crash;

namespace KvSessions.Faults.Tests;

/// <summary>A fault that begins and ends while clients call, and what has to hold before, during and after it.</summary>
internal sealed class Outage(Target target, string connection)
{
    /// <summary>Every call ends within the operation timeout, which is 1 second by default, and a second more.</summary>
    public static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(2);

    /// <summary>From the server's first answer on, until no call fails any more.</summary>
    public static readonly TimeSpan LongestRecovery = TimeSpan.FromSeconds(10);

    private const int CallsBefore = 10;

    /// <summary>Begins the fault.</summary>
    public required Func<Crowd, Task> BeginAsync { get; init; }

    /// <summary>Ends the fault: after it the server answers.</summary>
    public required Func<Task> EndAsync { get; init; }

    /// <summary>How many calls of each client end while it lasts, at least.</summary>
    public int CallsMeanwhile { get; init; } = 3;

    /// <summary>How long it lasts, at least.</summary>
    public TimeSpan Lasting { get; init; }

    /// <summary>Runs the clients through the fault, and checks all that has to hold whatever the fault is.</summary>
    /// <returns>What was seen.</returns>
    public async Task<OutageResult> RunAsync(ITestOutputHelper output)
    {
        var seed = Random.Shared.Next();
        OutageResult result;
        Crowd crowd;
        using var stalls = new StallWatch();
        await using (var application = new Application(target, connection))
        {
            await using (crowd = await Crowd.StartAsync(target, application, seed))
            {
                await crowd.AnsweredAsync(CallsBefore);
                var lasting = Task.Delay(Lasting, TestContext.Current.CancellationToken);
                await BeginAsync(crowd);
                await crowd.EndedAsync(CallsMeanwhile);
                await lasting;
                await EndAsync();
                var recovery = await crowd.RecoveredAsync();
                await crowd.StopAsync();
                result = new(crowd.Writes, crowd.LongestCall, recovery, crowd.Faults) { Stalls = $"{stalls}" };
            }
        }

        await target.WaitUntilAloneAsync();
        var store = target.PatientStore();
        await using (store as IAsyncDisposable)
        {
            var faults = await crowd.CheckAsync(store);
            output.WriteLine($"Seed {seed}. {result}");
            Assert.True(faults.Count == 0, $"With the seed {seed}:\n{string.Join('\n', faults)}\n{result}");
        }

        stalls.AssertPunctual(result.LongestCall.Took, $"{result}");
        Assert.True(result.Recovery <= LongestRecovery, $"Calls failed for {result.Recovery} after the server was back: {result}");
        return result;
    }
}

/// <summary>What was seen of an outage.</summary>
/// <param name="Writes">What the writers were answered.</param>
/// <param name="LongestCall">The longest call of any client.</param>
/// <param name="Recovery">From the server's first answer to the last call that failed.</param>
/// <param name="Faults">How often which fault was reported.</param>
internal sealed record OutageResult(
    AcknowledgedWrites Writes, (TimeSpan Took, string End) LongestCall, TimeSpan Recovery, IReadOnlyList<(string Fault, int Count)> Faults)
{
    /// <summary>How late the process was served meanwhile, for people.</summary>
    public string Stalls { get; init; } = "";

    /// <summary>Whether a fault was reported whose message holds this text.</summary>
    public bool Reported(string text) => Faults.Any(fault => fault.Fault.Contains(text, StringComparison.Ordinal));

    public override string ToString() =>
        $"{Writes.Acknowledged} writes acknowledged, {Writes.Refused} refused, {Writes.Unanswered} of unknown outcome ({Writes.KeptUnanswered} of them applied), "
        + $"longest call {LongestCall.Took.TotalSeconds:0.00} s ({LongestCall.End}), last failure {Recovery.TotalSeconds:0.00} s after the server was back; {Stalls}."
        + string.Concat(Faults.Select(static fault => $"\n    {fault.Count} x {fault.Fault}"));
}
