using Microsoft.Extensions.Logging;
using static KvSessions.Core.Tests.SessionBench;

namespace KvSessions.Core.Tests.Sessions;

public sealed class SessionTouchesTests
{
    private readonly SessionBench _bench = new();

    // 20 minutes, of which a twentieth may go unwritten.
    private static TimeSpan Due => TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_touch_moves_the_time_last_seen_and_no_version()
    {
        var id = await _bench.SeedAsync();
        _bench.Clock.Advance(Due);
        _bench.Factory.Touch(id);
        await _bench.Touches.DrainAsync();

        var stored = (await _bench.StoredAsync(id))!;
        Assert.Equal((_bench.Now, 1), (stored.LastSeenAt, stored.Version));
    }

    [Fact]
    public async Task A_session_is_touched_once_in_a_fraction_of_its_idle_timeout_however_many_requests_carry_it()
    {
        var id = await _bench.SeedAsync();
        for (var second = 0; second < 10 * 60; second++)
        {
            _bench.Clock.Advance(TimeSpan.FromSeconds(1));
            for (var request = 0; request < 3; request++)
            {
                _bench.Factory.Touch(id);
            }

            await _bench.Touches.DrainAsync();
        }

        Assert.Equal(10, _bench.Store.Touches);
    }

    [Fact]
    public async Task Of_many_requests_at_the_same_moment_one_touches()
    {
        var id = await _bench.SeedAsync();
        _bench.Clock.Advance(Due);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => _bench.Factory.Touch(id))));
        await _bench.Touches.DrainAsync();

        Assert.Equal(1, _bench.Store.Touches);
    }

    [Fact]
    public async Task A_save_counts_as_a_touch()
    {
        var id = await _bench.SeedAsync();
        _bench.Clock.Advance(Due);
        var session = _bench.Open(id);
        session.Set(Number, 2);
        await session.CommitAsync();
        _bench.Factory.Touch(id);
        await _bench.Touches.DrainAsync();

        Assert.Equal(0, _bench.Store.Touches);
    }

    [Fact]
    public async Task A_session_that_another_process_has_given_a_shorter_timeout_is_touched_by_that()
    {
        var id = await _bench.SeedAsync(expiry: SessionExpiry.Idle(TimeSpan.FromDays(30)));
        var other = new SessionBench(sameStoreAs: _bench).Open(id);
        other.SetExpiry(SessionExpiry.Idle(TimeSpan.FromMinutes(10)));
        await other.CommitAsync();
        for (var minute = 0; minute < 30; minute++)
        {
            _bench.Clock.Advance(TimeSpan.FromMinutes(1));
            var session = _bench.Open(id);
            Assert.Equal(1, await session.GetAsync(Number));
            _bench.Factory.Touch(session);
            _bench.Factory.Touch(session);
            await _bench.Touches.DrainAsync();
        }

        Assert.Equal(30, _bench.Store.Touches);
    }

    [Fact]
    public async Task A_process_that_does_not_know_a_session_touches_it_at_its_first_request()
    {
        var id = await _bench.SeedAsync();
        _bench.Factory.Touch(id);
        var other = new SessionBench(sameStoreAs: _bench);
        other.Factory.Touch(id);
        other.Factory.Touch(id);
        await other.Touches.DrainAsync();

        Assert.Equal(1, _bench.Store.Touches);
    }

    [Fact]
    public async Task An_unknown_session_is_not_asked_for_again_and_again_and_never_comes_to_be()
    {
        var unknown = SessionId.New();
        for (var i = 0; i < 5; i++)
        {
            _bench.Factory.Touch(unknown);
            await _bench.Touches.DrainAsync();
        }

        Assert.Equal(1, _bench.Store.Touches);
        Assert.Null(await _bench.StoredAsync(unknown));
        _bench.Clock.Advance(TimeSpan.FromMinutes(1) - Records.Tick);
        _bench.Factory.Touch(unknown);
        await _bench.Touches.DrainAsync();
        Assert.Equal(1, _bench.Store.Touches);
        _bench.Clock.Advance(Records.Tick);
        _bench.Factory.Touch(unknown);
        await _bench.Touches.DrainAsync();
        Assert.Equal(2, _bench.Store.Touches);
    }

    [Fact]
    public async Task A_touch_that_failed_is_tried_again_by_a_later_request()
    {
        var id = await _bench.SeedAsync();
        _bench.Clock.Advance(Due);
        _bench.Store.Break();
        _bench.Factory.Touch(id);
        await _bench.Touches.DrainAsync();
        _bench.Store.Heal();
        _bench.Clock.Advance(_bench.Options.OperationTimeout - Records.Tick);
        _bench.Factory.Touch(id);
        await _bench.Touches.DrainAsync();
        Assert.Equal(1, _bench.Store.Touches);
        _bench.Clock.Advance(Records.Tick);
        _bench.Factory.Touch(id);
        await _bench.Touches.DrainAsync();

        Assert.Equal(_bench.Now, (await _bench.StoredAsync(id))!.LastSeenAt);
    }

    [Fact]
    public async Task A_touch_that_failed_is_logged_with_the_handle()
    {
        var id = await _bench.SeedAsync();
        _bench.Clock.Advance(Due);
        _bench.Store.Break();
        _bench.Factory.Touch(id);
        await _bench.Touches.DrainAsync();

        var (level, message) = Assert.Single(_bench.TouchLog.Messages);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains(id.Handle.ToString(), message, StringComparison.Ordinal);
        Assert.DoesNotContain(id.Reveal(), message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_hangs_is_not_asked_for_more_and_more_touches()
    {
        var known = await _bench.SeedAsync();
        _bench.Clock.Advance(Due);
        _bench.Store.Hang();
        for (var i = 0; i < 1_000; i++)
        {
            _bench.Factory.Touch(SessionId.New());
        }

        await Eventually.TrueAsync(() => _bench.Store.Touches == 256, "256 touches are under way");
        _bench.Factory.Touch(known);
        var drained = _bench.Touches.DrainAsync();
        await Eventually.TrueAsync(_bench.Clock, _bench.Options.OperationTimeout, () => drained.IsCompleted, "the touches were given up on");
        await drained;
        Assert.Equal(256, _bench.Store.Touches);

        _bench.Store.Heal();
        _bench.Factory.Touch(known);
        await _bench.Touches.DrainAsync();
        Assert.Equal(257, _bench.Store.Touches);
    }

    [Fact]
    public async Task A_store_that_does_its_work_before_it_returns_holds_up_no_request()
    {
        var id = await _bench.SeedAsync();
        _bench.Clock.Advance(Due);
        using var requestIsOver = new ManualResetEventSlim();
        var wasOver = false;
        _bench.Store.Before = (_, _) =>
        {
            wasOver = requestIsOver.Wait(TimeSpan.FromSeconds(20), CancellationToken.None);
            return ValueTask.CompletedTask;
        };

        _bench.Factory.Touch(id);
        requestIsOver.Set();
        await _bench.Touches.DrainAsync();

        Assert.True(wasOver);
    }

    [Fact]
    public void What_is_remembered_is_bounded_and_what_is_due_is_forgotten_first()
    {
        var (shortLived, longLived) = (SessionExpiry.Idle(TimeSpan.FromMinutes(1)), SessionExpiry.Idle(TimeSpan.FromHours(1)));
        var first = SessionId.New();
        _bench.Touches.Touched(first, longLived, _bench.Touches.Timestamp);
        RememberMany(60_000, shortLived);
        _bench.Clock.Advance(TimeSpan.FromMinutes(1));
        RememberMany(60_000, longLived);
        Assert.False(_bench.Touches.IsDue(first, _bench.Touches.Timestamp));

        RememberMany(60_000, longLived);
        Assert.True(_bench.Touches.IsDue(first, _bench.Touches.Timestamp));
    }

    [Fact]
    public async Task A_store_that_hangs_holds_up_neither_requests_nor_the_shutdown_for_longer_than_the_timeout()
    {
        var id = await _bench.SeedAsync();
        _bench.Clock.Advance(Due);
        _bench.Store.Hang();
        _bench.Factory.Touch(id);
        var drained = _bench.Touches.DrainAsync();
        Assert.False(drained.IsCompleted);

        await Eventually.TrueAsync(_bench.Clock, _bench.Options.OperationTimeout, () => drained.IsCompleted, "the touch was given up on");
        await drained;
    }

    [Theory]
    [InlineData(1, 0.05)]
    [InlineData(600, 30)]
    [InlineData(100_000, 60)]
    public async Task A_session_with_an_idle_timeout_of_its_own_is_touched_by_a_fraction_of_that_but_once_an_hour(double idle, double due)
    {
        var id = await _bench.SeedAsync(expiry: SessionExpiry.Idle(TimeSpan.FromMinutes(idle)));
        _bench.Clock.Advance(TimeSpan.FromMinutes(due) - TimeSpan.FromMilliseconds(1));
        _bench.Factory.Touch(id);
        await _bench.Touches.DrainAsync();
        Assert.Equal(0, _bench.Store.Touches);

        _bench.Clock.Advance(TimeSpan.FromMilliseconds(1));
        _bench.Factory.Touch(id);
        await _bench.Touches.DrainAsync();
        Assert.Equal(1, _bench.Store.Touches);
    }

    [Fact]
    public async Task A_session_that_is_given_a_shorter_idle_timeout_is_touched_by_that_from_then_on()
    {
        var id = await _bench.SeedAsync(expiry: SessionExpiry.Idle(TimeSpan.FromDays(10)));
        var session = _bench.Open(id);
        session.SetExpiry(SessionExpiry.Idle(TimeSpan.FromMinutes(10)));
        await session.CommitAsync();

        for (var minute = 0; minute < 60; minute += 9)
        {
            _bench.Clock.Advance(TimeSpan.FromMinutes(9));
            _bench.Factory.Touch(id);
            await _bench.Touches.DrainAsync();
        }

        Assert.NotNull(await _bench.StoredAsync(id));
    }

    [Fact]
    public async Task What_one_request_learns_of_the_idle_timeout_counts_for_those_under_way()
    {
        var id = await _bench.SeedAsync(expiry: SessionExpiry.Idle(TimeSpan.FromDays(10)));
        _bench.Factory.Touch(id);
        Assert.True(SessionId.TryParse(id.Reveal(), out var sameId));
        var session = _bench.Open(sameId);
        session.SetExpiry(SessionExpiry.Idle(TimeSpan.FromMinutes(10)));
        await session.CommitAsync();

        _bench.Clock.Advance(TimeSpan.FromMinutes(1));
        _bench.Factory.Touch(id);
        await _bench.Touches.DrainAsync();

        Assert.Equal(1, _bench.Store.Touches);
    }

    [Fact]
    public async Task A_session_without_an_idle_timeout_ends_on_time_however_often_it_is_touched()
    {
        var id = await _bench.SeedAsync(expiry: SessionExpiry.In(TimeSpan.FromHours(10)));
        for (var hour = 0; hour < 10; hour++)
        {
            Assert.NotNull(await _bench.StoredAsync(id));
            _bench.Clock.Advance(TimeSpan.FromHours(1));
            _bench.Factory.Touch(id);
            await _bench.Touches.DrainAsync();
        }

        Assert.Null(await _bench.StoredAsync(id));
    }

    [Fact]
    public async Task A_request_that_opened_its_session_touches_the_one_that_it_has_at_its_end()
    {
        var id = await _bench.SeedAsync();
        _bench.Clock.Advance(Due);
        var session = _bench.Open(id);
        _bench.Factory.Touch(session);
        _bench.Factory.Touch(_bench.Open());
        await _bench.Touches.DrainAsync();

        Assert.Equal([new StoreCall(StoreVerb.Touch, id.Handle, SessionChanges.Touch)], _bench.Store.Calls);
        Assert.Throws<ArgumentNullException>("id", () => _bench.Factory.Touch((SessionId)null!));
        Assert.Throws<ArgumentNullException>("session", () => _bench.Factory.Touch((Session)null!));
        Assert.Throws<ArgumentNullException>("transport", () => _bench.Factory.Open(id, null!));
    }

    private void RememberMany(int count, SessionExpiry expiry)
    {
        for (var i = 0; i < count; i++)
        {
            _bench.Touches.Touched(SessionId.New(), expiry, _bench.Touches.Timestamp);
        }
    }
}
