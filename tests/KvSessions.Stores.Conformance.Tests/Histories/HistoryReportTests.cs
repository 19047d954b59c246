using System.Text.RegularExpressions;

namespace KvSessions.Stores.Conformance.Tests;

/// <summary>What somebody reads whose store is wrong.</summary>
public sealed partial class HistoryReportTests
{
    [Fact]
    public async Task A_wrong_answer_is_reported_with_its_seed_and_nothing_that_does_not_matter()
    {
        var report = await FindFailureAsync(new WrongStoreHarness { Delete = () => true });

        Assert.Matches(@"^Seed \d+: no order of these 1 calls explains the answers\.", report);
        Assert.Single(Calls(report));
        Assert.Matches(@"client \d: delete \d -> deleted", report);
    }

    [Fact]
    public async Task An_exception_is_reported_as_a_wrong_answer_is_and_with_its_origin()
    {
        var report = await FindFailureAsync(new WrongStoreHarness { Delete = () => throw new InvalidOperationException("disk on fire") });

        Assert.Matches(@"^Seed \d+: the store threw InvalidOperationException in a history of 1 calls\.", report);
        Assert.Matches(@"client \d: delete \d -> threw InvalidOperationException", Assert.Single(Calls(report)));
        Assert.Contains("disk on fire", report, StringComparison.Ordinal);
        Assert.Contains(nameof(WrongStoreHarness), report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unavailable_is_no_answer_either()
    {
        var fault = new SessionStoreException(SessionStoreError.Unavailable, "away");
        var report = await FindFailureAsync(new WrongStoreHarness { Delete = () => throw fault });

        Assert.Contains("delete", Assert.Single(Calls(report)), StringComparison.Ordinal);
        Assert.Contains("-> threw SessionStoreException (Unavailable)", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_move_of_the_clock_that_matters_is_kept_and_times_can_be_read()
    {
        var report = await FindFailureAsync(new WrongStoreHarness { ForgetsTouches = true });

        Assert.Matches(@"\] it is \+\d min", report);
        Assert.Matches(@"create \d, a=\d+ of \w+, idle \d min, lifetime (\d min|none) -> created", report);
        Assert.DoesNotMatch(@"\d{6}(?!\d*:)", string.Concat(Calls(report)));
    }

    [Fact]
    public async Task A_restart_that_fails_is_reported()
    {
        var report = await FindFailureAsync(new WrongStoreHarness { Reopen = () => throw new IOException("lost") });

        Assert.Matches(@"\] the store is reopened; it is \+\d min -> threw IOException", report);
        Assert.StartsWith("Seed ", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_in_order_tells_its_seed()
    {
        await using var test = new InOrder();
        await test.InitializeAsync();

        await test.Every_history_could_have_been_one_call_after_another();

        Assert.Matches(@"histories from seed \d+ were in order", TestContext.Current.TestOutputHelper!.Output);
    }

    private static async Task<string> FindFailureAsync(SessionStoreHarness harness)
    {
        var runner = new HistoryRunner(harness, canRestart: true);
        for (var seed = 1; seed < 1_000; seed++)
        {
            if (await runner.CheckAsync(seed, InOrder.RandomOf(seed)) is { } report)
            {
                return report;
            }
        }

        throw new InvalidOperationException("Nothing was found in 1000 histories.");
    }

    private static List<string> Calls(string report) => [.. Call().Matches(report).Select(static match => match.Value)];

    [GeneratedRegex(@"^  \[.*$", RegexOptions.Multiline)]
    private static partial Regex Call();

    private sealed class InOrder : HistoryConformance
    {
        public static Random RandomOf(int seed) => SeededRandom(seed);

        protected override int DefaultCount => 3;

        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => new(new WrongStoreHarness());
    }
}
