namespace KvSessions.Core.Tests.Sessions;

/// <summary>Random requests on several nodes over one slow store: whatever they do, a session outlives its idle timeout after its last one.</summary>
public sealed class IdleTimeoutPropertyTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_session_never_ends_earlier_than_its_idle_timeout_after_its_last_request(bool hasSlowStore) =>
        Seeded.ForEachAsync(
            40,
            async random =>
            {
                var idle = TimeSpan.FromSeconds(random.Next(10, random.Next(2) == 0 ? 600 : 100_000));
                var fraction = random.NextDouble() * 0.5 + 0.001;
                void Configure(KvSessionsOptions options) =>
                    (options.IdleTimeout, options.TouchFraction, options.AbsoluteTimeout, options.OperationTimeout) =
                    (idle, fraction, TimeSpan.FromDays(1000), TimeSpan.FromSeconds(5));
                var first = new SessionBench(Configure);
                SessionBench[] nodes = [first, new(Configure, sameStoreAs: first)];
                var id = await first.SeedAsync();
                if (hasSlowStore)
                {
                    // The store sees the call at once, and the answer takes its time.
                    first.Store.After = _ =>
                    {
                        first.Clock.Advance(TimeSpan.FromSeconds(random.NextDouble()));
                        return ValueTask.CompletedTask;
                    };
                }

                var lastRequest = first.Now;
                for (var request = 0; request < 60; request++)
                {
                    var pause = Pause(random, idle, fraction);
                    var next = first.Now + pause;
                    if (next >= lastRequest + idle)
                    {
                        next = lastRequest + idle - Records.Tick;
                    }

                    if (next > first.Now)
                    {
                        first.Clock.Advance(next - first.Now);
                    }

                    Assert.True(await first.StoredAsync(id) is not null, $"Ended {first.Now - lastRequest} after its last request; idle timeout {idle}.");
                    lastRequest = first.Now;
                    await RequestAsync(nodes[random.Next(2)], id, random.Next(4));
                }

                first.Clock.Advance(lastRequest + idle - Records.Tick - first.Now);
                Assert.NotNull(await first.StoredAsync(id));
                first.Clock.Advance(idle * fraction + TimeSpan.FromSeconds(1));
                Assert.Null(await first.StoredAsync(id));
            });

    private static TimeSpan Pause(Random random, TimeSpan idle, double fraction) =>
        random.Next(4) switch
        {
            0 => TimeSpan.Zero,
            1 => idle * fraction * random.NextDouble(),
            2 => idle * fraction - Records.Tick * random.Next(0, 3),
            _ => idle * random.NextDouble(),
        };

    private static async Task RequestAsync(SessionBench node, SessionId id, int kind)
    {
        var session = node.Open(id);
        if (kind == 0)
        {
            session.Set(SessionBench.Number, 1);
        }
        else if (kind == 1)
        {
            await session.GetAsync(SessionBench.Number);
        }

        await session.CommitAsync();
        node.Factory.Touch(id);
        await node.Touches.DrainAsync();
    }
}
