using System.Globalization;
using System.Security.Cryptography;
using Xunit;

namespace KvSessions.Stores.Conformance;

/// <summary>
/// Histories: clients that do random things to few sessions side by side, with cancelled calls, a moving clock and restarts. Whatever they
/// were answered must be what one store could have answered that does one call after another.
/// </summary>
/// <remarks>
/// A failure prints the seed and the shortest history it could be reduced to. <c>KVSESSIONS_HISTORIES</c> says how many histories are run
/// (default <see cref="DefaultCount"/>), <c>KVSESSIONS_HISTORY_SEED</c> with which seed they begin (default: a random one). That seed is in
/// the output of a test that passed.
/// </remarks>
public abstract class HistoryConformance : ConformanceTest
{
    /// <summary>How many histories are run if nothing else is said. 500 by default.</summary>
    protected virtual int DefaultCount => 500;

    /// <summary>Whether the harness can reopen its store without losing what it holds. No by default.</summary>
    protected virtual bool CanReopen => false;

    [Fact]
    public async Task Every_history_could_have_been_one_call_after_another()
    {
        var first = Number("KVSESSIONS_HISTORY_SEED") ?? RandomNumberGenerator.GetInt32(1_000_000_000);
        var count = Number("KVSESSIONS_HISTORIES") ?? DefaultCount;
        var runner = new HistoryRunner(Harness, CanReopen);
        for (var seed = first; seed < first + count; seed++)
        {
            if (await runner.CheckAsync(seed, SeededRandom(seed)) is { } failure)
            {
                Assert.Fail(failure);
            }
        }

        var said = $"{GetType()}: {count} histories from seed {first} were in order.";
        TestContext.Current.TestOutputHelper?.WriteLine(said);
        TestContext.Current.SendDiagnosticMessage(said);
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
