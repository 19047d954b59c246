namespace KvSessions.Stores.Conformance.Tests;

/// <summary>What a race says that somebody has lost.</summary>
public sealed class RoundTests
{
    [Fact]
    public async Task A_race_that_failed_says_in_which_round_and_what_came_out()
    {
        await using var test = new Deletions();
        await test.InitializeAsync();

        var failure = await Record.ExceptionAsync(test.Of_concurrent_deletions_exactly_one_ends_the_session);

        Assert.Equal("Round 1 of 100: 3 of 3 deletions of one session said that they ended it; it should be one.", failure?.Message);
    }

    private sealed class Deletions : DeleteConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => new(new WrongStoreHarness { Delete = () => true });
    }
}
