using System.Globalization;
using System.Security.Cryptography;

namespace KvSessions.Faults.Tests;

/// <summary>
/// A server is killed with SIGKILL at random moments and started again, while an application that is never restarted calls it.
/// <c>KVSESSIONS_CRASH_CYCLES</c> says how often, <c>KVSESSIONS_CRASH_SEED</c> with which seed the moments and the calls begin.
/// </summary>
public abstract class KillTests(Target target, ITestOutputHelper output)
{
    private const int DefaultCycles = 2;

    private static readonly TimeSpan LatestKill = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task What_was_acknowledged_is_there_after_kill_9_and_nothing_else()
    {
        var cycles = Number("KVSESSIONS_CRASH_CYCLES") ?? DefaultCycles;
        var seed = Number("KVSESSIONS_CRASH_SEED") ?? RandomNumberGenerator.GetInt32(1_000_000_000);
        output.WriteLine($"Seed {seed}.");
        var crowds = new List<Crowd>();
        var (inFlight, longestRecovery) = (0, TimeSpan.Zero);
        await using (var application = new Application(target, target.Connection))
        {
            for (var cycle = 0; cycle < cycles; cycle++)
            {
                using var stalls = new StallWatch();
                await using var crowd = await Crowd.StartAsync(target, application, seed + cycle);
                var random = new Random(seed + cycle);
                await crowd.AnsweredAsync(3);
                await Task.Delay(LatestKill * random.NextDouble(), TestContext.Current.CancellationToken);
                inFlight += crowd.InFlight;
                await target.Server.KillAsync(TestContext.Current.CancellationToken);
                await crowd.EndedAsync(1);
                await target.Server.StartAsync(TestContext.Current.CancellationToken);
                var recovery = await crowd.RecoveredAsync();
                await crowd.StopAsync();

                crowds.Add(crowd);
                await CheckAsync([crowd], $"Cycle {cycle} of seed {seed}");
                stalls.AssertPunctual(crowd.LongestCall.Took, $"cycle {cycle} of seed {seed}, {crowd.LongestCall.End}");
                Assert.True(recovery <= Outage.LongestRecovery, $"Cycle {cycle} of seed {seed}: calls failed for {recovery} after the server was back.");
                longestRecovery = longestRecovery > recovery ? longestRecovery : recovery;
            }
        }

        // What an earlier cycle has left behind has outlived every later one.
        await CheckAsync(crowds, $"After all {cycles} cycles of seed {seed}");
        output.WriteLine(
            $"{cycles} kills: {crowds.Sum(static crowd => crowd.Answered)} calls answered, {crowds.Sum(static crowd => crowd.Writes.Acknowledged)} writes acknowledged, "
            + $"{inFlight} calls in flight when killed, {crowds.Sum(static crowd => crowd.Writes.Refused)} writes refused, "
            + $"{crowds.Sum(static crowd => crowd.Writes.Unanswered)} of unknown outcome ({crowds.Sum(static crowd => crowd.Writes.KeptUnanswered)} of them applied), none lost; "
            + $"longest call {crowds.Max(static crowd => crowd.LongestCall.Took).TotalSeconds:0.00} s, longest recovery {longestRecovery.TotalSeconds:0.00} s.");
        foreach (var (fault, count) in crowds.SelectMany(static crowd => crowd.Faults).GroupBy(static fault => fault.Fault, static fault => fault.Count)
            .Select(static counts => (counts.Key, counts.Sum())).OrderByDescending(static fault => fault.Item2))
        {
            output.WriteLine($"    {count} x {fault}");
        }
    }

    private async Task CheckAsync(List<Crowd> crowds, string when)
    {
        var store = target.PatientStore();
        await using (store as IAsyncDisposable)
        {
            foreach (var crowd in crowds)
            {
                var faults = await crowd.CheckAsync(store);
                Assert.True(faults.Count == 0, $"{when}: {faults.Count} wrong.\n{string.Join('\n', faults)}");
            }
        }
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
