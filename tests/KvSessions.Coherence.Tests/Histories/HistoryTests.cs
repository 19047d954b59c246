using System.Globalization;
using System.Security.Cryptography;

namespace KvSessions.Coherence.Tests.Histories;

/// <summary>
/// <c>KVSESSIONS_HISTORIES</c> says how many histories are run, and <c>KVSESSIONS_HISTORY_SEED</c> with which seed the first one begins.
/// </summary>
public sealed class HistoryTests(ITestOutputHelper output)
{
    private const int DefaultCount = 300;

    [Fact]
    public async Task No_node_serves_what_was_outdated_longer_ago_than_the_bound_goes_back_or_loses_a_write()
    {
        var count = Number("KVSESSIONS_HISTORIES") ?? DefaultCount;
        var first = Number("KVSESSIONS_HISTORY_SEED") ?? RandomNumberGenerator.GetInt32(int.MaxValue / 2);
        output.WriteLine($"{count} histories, seeds from {first} on.");
        var (reads, lost, trusted) = (0L, 0L, 0L);
        for (var seed = first; seed < first + count; seed++)
        {
            // Nothing of it has to be ended: its timers are those of its clock.
            var history = new History(seed);
            var objection = await history.RunAsync();
            Assert.True(objection is null, $"KVSESSIONS_HISTORY_SEED={seed}: {objection}");
            (reads, lost, trusted) = (reads + history.Reads, lost + history.LostAnswers, trusted + history.TrustedSteps);
        }

        output.WriteLine($"{reads} reads; {lost} writes applied whose answer was lost; at {trusted} steps all nodes trusted.");
        Assert.True(lost > 0);
        Assert.True(trusted > 0);
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
