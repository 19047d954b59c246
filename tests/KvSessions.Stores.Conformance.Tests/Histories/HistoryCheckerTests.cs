namespace KvSessions.Stores.Conformance.Tests;

public sealed class HistoryCheckerTests
{
    [Theory]
    [InlineData(3, 4, true)]
    [InlineData(5, 3, false)]
    public void A_call_that_was_given_up_may_have_looked_at_the_clock_before_it_was_moved_and_after_it_was_made(
        long called, long moved, bool isLinearizable)
    {
        var start = ModelState.Start(0);
        var (create, load) = (new CreateOperation(0, 10, null, TimeSpan.FromMinutes(3), null), new LoadOperation(0));
        var save = new SaveOperation(0, "a", 12, false, false, null);
        var created = Assert.Single(create.Step(start));
        var saved = Assert.Single(save.Step(created.Next));
        HistoryEvent[] history =
        [
            new(1, create, 1, 2, created.Answer),
            new(1, save, called, long.MaxValue, null),
            new(null, new BetweenOperation(false, TimeSpan.TicksPerMinute), moved, moved, BetweenOperation.Done),
            new(2, load, 6, 7, Assert.Single(load.Step(created.Next)).Answer),
            new(2, load, 8, 9, Assert.Single(load.Step(saved.Next)).Answer),
        ];

        Assert.Equal(isLinearizable, HistoryChecker.IsLinearizable(history, start));
    }
}
