using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace KvSessions.Core.Tests.Hosting;

public sealed class SessionSweeperTests : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    private readonly SessionBench _bench = new(o => (o.SweepInterval, o.SweepBatchSize) = (Interval, 10));
    private readonly ListLogger<SessionSweeper> _log = new();
    private SessionSweeper? _sweeper;

    [Fact]
    public async Task A_sweep_goes_on_batch_by_batch_until_none_is_left()
    {
        for (var i = 0; i < 35; i++)
        {
            await _bench.SeedAsync(expiry: SessionExpiry.In(TimeSpan.FromSeconds(1)));
        }

        var live = await _bench.SeedAsync(expiry: SessionExpiry.In(TimeSpan.FromDays(30)));
        _bench.Clock.Advance(TimeSpan.FromSeconds(1));
        await StartAsync();

        await SweptAsync(4);

        Assert.Equal(0, await ((IExpiredSessionStore)_bench.Store.Inner).DeleteExpiredAsync(100));
        Assert.NotNull(await _bench.StoredAsync(live));
        Assert.Equal(4, Sweeps);
        await Eventually.TrueAsync(() => !_log.Messages.IsEmpty, "the sweep is logged");
        Assert.Equal((LogLevel.Debug, "Swept 35 expired sessions."), Assert.Single(_log.Messages));
    }

    [Fact]
    public async Task A_sweep_leaves_the_store_to_the_requests_for_four_times_as_long_as_each_batch_took()
    {
        for (var i = 0; i < 25; i++)
        {
            await _bench.SeedAsync(expiry: SessionExpiry.In(TimeSpan.FromSeconds(1)));
        }

        _bench.Clock.Advance(TimeSpan.FromSeconds(1));
        var begun = new ConcurrentQueue<DateTimeOffset>();
        _bench.Store.Before = (_, _) =>
        {
            begun.Enqueue(_bench.Now);
            _bench.Clock.Advance(TimeSpan.FromSeconds(30));
            return ValueTask.CompletedTask;
        };
        await StartAsync();
        await SweptAsync(3);

        var times = begun.ToList();
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromSeconds(150)));
    }

    [Fact]
    public async Task A_sweep_comes_once_in_an_interval_give_or_take_a_tenth()
    {
        await StartAsync();
        for (var sweep = 1; sweep <= 5; sweep++)
        {
            // The timer is set on another thread, so the clock is moved in steps until it has rung.
            var before = _bench.Now;
            await Eventually.TrueAsync(_bench.Clock, TimeSpan.FromSeconds(10), () => Sweeps == sweep, $"sweep {sweep}");
            Assert.True(_bench.Now - before >= 0.9 * Interval - TimeSpan.FromSeconds(10), $"Sweep {sweep} came {_bench.Now - before} after the last.");
        }
    }

    [Fact]
    public async Task A_sweep_that_fails_does_not_end_the_sweeping()
    {
        _bench.Store.Break(StoreVerb.DeleteExpired);
        await StartAsync();
        await SweptAsync(1);
        _bench.Store.Before = (_, _) => throw new InvalidOperationException("planted fault of another kind");
        await SweptAsync(2);
        _bench.Store.Heal();
        var id = await _bench.SeedAsync(expiry: SessionExpiry.In(TimeSpan.FromSeconds(1)));
        _bench.Clock.Advance(TimeSpan.FromSeconds(1));

        await SweptAsync(1);

        Assert.True(await _bench.Store.Inner.CreateAsync(Records.New() with { Handle = id.Handle }));
        Assert.True(_log.Messages.Count(entry => entry.Level == LogLevel.Error) >= 2);
    }

    [Fact]
    public async Task Nothing_is_swept_where_that_is_switched_off()
    {
        _bench.Options.SweepInterval = null;
        await StartAsync();

        Assert.True(_sweeper!.ExecuteTask!.IsCompletedSuccessfully || await EndsAsync());
        _bench.Clock.Advance(TimeSpan.FromDays(7));
        Assert.Equal(0, Sweeps);
    }

    [Fact]
    public async Task A_store_that_sweeps_itself_is_left_alone()
    {
        using var plain = new PlainStore();
        await StartAsync(plain);

        Assert.True(await EndsAsync());
    }

    [Fact]
    public async Task The_sweeper_stops_when_it_is_told_to()
    {
        await StartAsync();
        await SweptAsync(1);
        await _sweeper!.StopAsync(CancellationToken.None);

        Assert.True(_sweeper.ExecuteTask!.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_sweep_that_is_stopped_on_its_way_is_no_error()
    {
        _bench.Store.Before = static (_, ct) => new ValueTask(Task.Delay(Timeout.Infinite, ct));
        await StartAsync();
        await SweptAsync(1);
        await _sweeper!.StopAsync(CancellationToken.None);

        Assert.True(await EndsAsync());
        Assert.Empty(_log.Messages);
    }

    public async ValueTask DisposeAsync()
    {
        if (_sweeper is not null)
        {
            await _sweeper.StopAsync(CancellationToken.None);
            _sweeper.Dispose();
        }
    }

    private int Sweeps => _bench.Store.Count(StoreVerb.DeleteExpired);

    private Task StartAsync(ISessionStore? store = null)
    {
        _sweeper = new SessionSweeper(
            new Lazy<ISessionStore>(store ?? _bench.Store),
            Microsoft.Extensions.Options.Options.Create(_bench.Options),
            _bench.Clock,
            _log);
        return _sweeper.StartAsync(CancellationToken.None);
    }

    private Task SweptAsync(int sweeps) =>
        Eventually.TrueAsync(_bench.Clock, TimeSpan.FromSeconds(10), () => Sweeps >= sweeps, $"{sweeps} batches were swept");

    private async Task<bool> EndsAsync()
    {
        await _sweeper!.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(20));
        return _sweeper.ExecuteTask.IsCompletedSuccessfully;
    }
}
