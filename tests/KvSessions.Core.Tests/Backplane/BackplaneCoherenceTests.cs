using Microsoft.Extensions.Time.Testing;

namespace KvSessions.Core.Tests.Backplane;

public sealed class BackplaneCoherenceTests : IAsyncDisposable
{
    private static readonly TimeSpan MaxStaleness = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(125);

    private readonly FakeTimeProvider _clock = new();
    private readonly FaultyBus _bus;
    private readonly List<TestNode> _nodes = [];
    private readonly SessionHandle _handle = SessionId.New().Handle;

    public BackplaneCoherenceTests() => _bus = new(_clock);

    [Fact]
    public async Task An_announcement_reaches_the_others_and_not_the_node_itself()
    {
        var (a, b, c) = (Start(), Start(), Start());

        await a.Coherence.AnnounceAsync(_handle, 7);
        await b.Coherence.AnnounceAsync(_handle, long.MaxValue);

        Assert.Equal([(_handle, long.MaxValue)], a.Cache.Outdated);
        Assert.Equal([(_handle, 7)], b.Cache.Outdated);
        Assert.Equal([(_handle, 7), (_handle, long.MaxValue)], c.Cache.Outdated);
    }

    [Fact]
    public async Task Nodes_that_hear_each_other_come_to_trust_and_go_on_trusting()
    {
        var (a, b) = (Start(), Start());
        Assert.False(a.Coherence.IsTrusted);

        await TrustedAsync(a, b);
        var flushes = a.Cache.Flushes;
        Advance(TimeSpan.FromHours(3), () => Assert.True(a.Coherence.IsTrusted && b.Coherence.IsTrusted));

        Assert.Equal(flushes, a.Cache.Flushes);
    }

    [Fact]
    public async Task A_node_does_not_trust_before_it_has_flushed()
    {
        var a = Start();
        var flushes = a.Cache.Flushes;

        await TrustedAsync(a);

        Assert.Equal(flushes + 1, a.Cache.Flushes);
    }

    [Fact]
    public async Task A_node_whose_listening_is_cut_distrusts_at_once_and_flushes()
    {
        var a = await StartTrustedAsync();
        var flushes = a.Cache.Flushes;

        a.Link.Cut();

        Assert.False(a.Coherence.IsTrusted);
        Assert.Equal(flushes + 1, a.Cache.Flushes);
    }

    [Fact]
    public async Task A_node_that_listens_again_flushes_once_more_before_it_trusts()
    {
        var (a, b) = (await StartTrustedAsync(), Start());
        await TrustedAsync(a, b);
        a.Link.Cut();
        await b.Coherence.AnnounceAsync(_handle, 2);
        var flushes = a.Cache.Flushes;

        await TrustedAsync(a);

        Assert.Empty(a.Cache.Outdated);
        Assert.True(a.Cache.Flushes > flushes);
        Assert.Equal(2, a.Link.Listens);
    }

    [Fact]
    public async Task Listening_is_tried_again_until_it_succeeds()
    {
        var a = await StartTrustedAsync();
        a.Link.RefusesToListen = true;
        a.Link.Cut();
        Advance(TimeSpan.FromMinutes(1), () => Assert.False(a.Coherence.IsTrusted));

        a.Link.RefusesToListen = false;

        await TrustedAsync(a);
    }

    [Fact]
    public async Task A_node_that_is_cut_off_without_knowing_it_is_distrusted_by_the_others_and_by_itself_in_half_the_staleness()
    {
        var (a, b) = (Start(), Start());
        await TrustedAsync(a, b);
        a.Link.DelayUp = Timeout.InfiniteTimeSpan;
        var flushes = b.Cache.Flushes;

        Advance((MaxStaleness / 2) + Step);

        Assert.False(a.Coherence.IsTrusted);
        Assert.False(b.Coherence.IsTrusted);
        Advance(MaxStaleness / 8);
        Assert.Equal(flushes + 1, b.Cache.Flushes);
    }

    [Fact]
    public async Task A_node_that_gets_nothing_without_knowing_it_distrusts_in_half_the_staleness()
    {
        var (a, b) = (Start(), Start());
        await TrustedAsync(a, b);
        a.Link.DelayDown = Timeout.InfiniteTimeSpan;

        Advance((MaxStaleness / 2) + Step);

        Assert.False(a.Coherence.IsTrusted);
        Assert.True(b.Coherence.IsTrusted);
    }

    [Fact]
    public async Task A_node_that_gets_nothing_for_long_listens_anew()
    {
        var a = await StartTrustedAsync();
        a.Link.Tamper = static _ => [];

        await Eventually.TrueAsync(_clock, Step, () => a.Link.Listens > 1, "it listens anew");
        a.Link.Tamper = null;

        await TrustedAsync(a);
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.6)]
    [InlineData(0.9)]
    [InlineData(3)]
    public async Task Messages_that_come_late_are_never_trusted_for_longer_than_the_staleness(double delay)
    {
        var (a, b) = (Start(), Start());
        await TrustedAsync(a, b);
        (a.Link.DelayUp, b.Link.DelayDown) = (MaxStaleness * delay / 2, MaxStaleness * delay / 2);
        for (var i = 0; i < 40; i++)
        {
            var (heard, flushes, trusted) = (b.Cache.Outdated.Count, b.Cache.Flushes, b.Coherence.IsTrusted);
            _ = a.Coherence.AnnounceAsync(_handle, i).AsTask();
            var until = _clock.GetUtcNow() + MaxStaleness;
            while (_clock.GetUtcNow() < until && trusted)
            {
                _clock.Advance(Step);
                trusted &= b.Coherence.IsTrusted && b.Cache.Flushes == flushes && !b.Cache.Outdated.Contains((_handle, i));
            }

            Assert.False(trusted, $"Announcement {i} was not heard of for {MaxStaleness}.");
            Advance(MaxStaleness * 0.37);
        }
    }

    [Fact]
    public async Task A_lost_message_is_noticed_at_the_next_one()
    {
        var (a, b) = (Start(), Start());
        await TrustedAsync(a, b);
        var flushes = b.Cache.Flushes;
        b.Link.DropNext();
        await a.Coherence.AnnounceAsync(_handle, 2);
        Assert.Equal((0, flushes), (b.Cache.Outdated.Count, b.Cache.Flushes));

        Advance(MaxStaleness / 8);

        Assert.Equal(flushes + 1, b.Cache.Flushes);
    }

    [Fact]
    public async Task A_message_that_comes_twice_or_late_is_applied_and_proves_nothing()
    {
        var (a, b) = (Start(), Start());
        await TrustedAsync(a, b);
        ReadOnlyMemory<byte> old = default;
        b.Link.Tamper = message =>
        {
            old = message.ToArray();
            return [message, message];
        };
        await a.Coherence.AnnounceAsync(_handle, 2);
        Assert.Equal([(_handle, 2), (_handle, 2)], b.Cache.Outdated);

        (b.Link.Tamper, a.Link.DelayUp) = (null, Timeout.InfiniteTimeSpan);
        Advance(MaxStaleness / 2, () => _bus.Deliver(old));

        Assert.False(b.Coherence.IsTrusted);
        Assert.True(b.Cache.Outdated.Count > 10);
    }

    [Fact]
    public async Task A_node_that_has_sent_messages_before_it_is_heard_of_makes_the_others_flush_once()
    {
        var a = await StartTrustedAsync();
        await a.Coherence.AnnounceAsync(_handle, 2);
        var b = Start();
        b.Link.Tamper = static message => [];
        Advance(MaxStaleness / 8);
        b.Link.Tamper = null;
        var flushes = b.Cache.Flushes;

        await a.Coherence.AnnounceAsync(_handle, 3);
        await a.Coherence.AnnounceAsync(_handle, 4);

        Assert.Equal(flushes + 1, b.Cache.Flushes);
    }

    [Fact]
    public async Task A_node_that_cannot_send_asks_for_a_flush_when_it_can_and_is_silent_until_then()
    {
        var (a, b) = (Start(), Start());
        await TrustedAsync(a, b);
        a.Link.RefusesToSend = true;
        await a.Coherence.AnnounceAsync(_handle, 2);
        a.Link.RefusesToSend = false;
        var flushes = b.Cache.Flushes;

        Advance(MaxStaleness / 8);

        // The flush, and nothing for the gap that the failed message left before it.
        Assert.Equal((0, flushes + 1), (b.Cache.Outdated.Count, b.Cache.Flushes));
        Assert.True(b.Coherence.IsTrusted);
        await a.Coherence.AnnounceAsync(_handle, 3);
        Assert.Equal([(_handle, 3)], b.Cache.Outdated);
    }

    [Fact]
    public async Task A_node_that_never_gets_an_answer_is_not_trusted_though_its_flushes_arrive()
    {
        var (a, b) = (Start(), Start());
        await TrustedAsync(a, b);
        a.Link.LosesAnswers = true;

        Advance((MaxStaleness / 2) + (MaxStaleness / 4));

        Assert.False(b.Coherence.IsTrusted);
    }

    [Fact]
    public async Task An_announcement_waits_for_its_message_and_not_for_long()
    {
        var a = await StartTrustedAsync();
        a.Link.DelayUp = Timeout.InfiniteTimeSpan;

        var waiting = a.Coherence.AnnounceAsync(_handle, 2).AsTask();
        _clock.Advance(TimeSpan.FromMilliseconds(49));
        Assert.False(waiting.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        await waiting.WaitAsync(TimeSpan.FromSeconds(20), CancellationToken.None);
    }

    [Fact]
    public async Task An_announcement_does_not_wait_where_sending_is_known_to_fail()
    {
        var a = await StartTrustedAsync();
        a.Link.RefusesToSend = true;
        await a.Coherence.AnnounceAsync(_handle, 2);
        a.Link.DelayUp = Timeout.InfiniteTimeSpan;

        Assert.True(a.Coherence.AnnounceAsync(_handle, 3).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task What_is_announced_while_a_message_is_under_way_goes_with_the_next()
    {
        var (a, b) = (Start(), Start());
        await TrustedAsync(a, b);
        a.Link.DelayUp = Timeout.InfiniteTimeSpan;
        var published = a.Link.Published;
        var waiting = Enumerable.Range(1, 100).Select(version => a.Coherence.AnnounceAsync(_handle, version).AsTask()).ToList();

        a.Link.DelayUp = TimeSpan.Zero;
        await Task.WhenAll(waiting);

        Assert.Equal(2, a.Link.Published - published);
        Assert.Equal(Enumerable.Range(1, 100).Select(version => (_handle, (long)version)), b.Cache.Outdated);
    }

    [Fact]
    public async Task More_than_one_message_can_hold_is_a_flush()
    {
        var (a, b) = (Start(), Start());
        await TrustedAsync(a, b);
        a.Link.DelayUp = Timeout.InfiniteTimeSpan;
        var flushes = b.Cache.Flushes;
        var waiting = Enumerable.Range(1, 200).Select(version => a.Coherence.AnnounceAsync(_handle, version).AsTask()).ToList();

        a.Link.DelayUp = TimeSpan.Zero;
        await Task.WhenAll(waiting);

        Assert.Equal((1, flushes + 1), (b.Cache.Outdated.Count, b.Cache.Flushes));
    }

    [Fact]
    public async Task A_node_that_stops_says_goodbye_and_nobody_waits_for_it()
    {
        var (a, b) = (Start(), Start());
        await TrustedAsync(a, b);
        await a.Coherence.StopAsync(CancellationToken.None);
        var flushes = b.Cache.Flushes;

        Advance(TimeSpan.FromHours(2), () => Assert.True(b.Coherence.IsTrusted));

        Assert.Equal(flushes, b.Cache.Flushes);
        Assert.False(a.Link.IsListening);
    }

    [Fact]
    public async Task A_node_that_stops_while_a_write_of_its_own_may_yet_be_applied_is_waited_for_until_that_is_over()
    {
        var (a, b) = (Start(), Start());
        await TrustedAsync(a, b);
        a.Cache.IsInDoubt = true;
        await a.Coherence.StopAsync(CancellationToken.None);
        var flushes = b.Cache.Flushes;

        Advance((MaxStaleness / 2) + Step);
        Advance(SessionCache.DoubtPeriod, () => Assert.False(b.Coherence.IsTrusted));
        Advance(MaxStaleness);

        Assert.True(b.Coherence.IsTrusted);
        Assert.Equal(flushes + 2, b.Cache.Flushes);
    }

    [Fact]
    public async Task What_a_node_still_announces_after_its_goodbye_is_heard_and_nobody_waits_for_it_then_either()
    {
        var (a, b) = (Start(), Start());
        await TrustedAsync(a, b);
        await a.Coherence.StopAsync(CancellationToken.None);

        await a.Coherence.AnnounceAsync(_handle, long.MaxValue);

        Assert.Equal([(_handle, long.MaxValue)], b.Cache.Outdated);
        Advance(MaxStaleness, () => Assert.True(b.Coherence.IsTrusted));
    }

    [Fact]
    public async Task A_node_that_falls_silent_is_waited_for_for_an_hour()
    {
        var (a, b) = (Start(), Start());
        await TrustedAsync(a, b);
        a.Link.RefusesToSend = true;
        Advance(MaxStaleness);
        Advance(TimeSpan.FromMinutes(59), () => Assert.False(b.Coherence.IsTrusted));

        Advance(TimeSpan.FromMinutes(2));

        Assert.True(b.Coherence.IsTrusted);
    }

    [Fact]
    public async Task A_message_that_cannot_be_read_flushes_and_is_distrusted_for_an_hour()
    {
        var a = await StartTrustedAsync();
        var flushes = a.Cache.Flushes;

        _bus.Deliver(new byte[] { 2, 1, 2, 3 });

        Assert.False(a.Coherence.IsTrusted);
        Assert.True(a.Cache.Flushes > flushes);
        Advance(TimeSpan.FromMinutes(59), () => Assert.False(a.Coherence.IsTrusted));
        Advance(TimeSpan.FromMinutes(2));
        Assert.True(a.Coherence.IsTrusted);
        Assert.Contains(a.Log.Messages, static entry => entry.Message.Contains("4 bytes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_node_without_a_host_announces_all_the_same()
    {
        var a = await StartTrustedAsync();
        var tool = new TestNode(_bus, _clock, MaxStaleness);

        await tool.Coherence.AnnounceAsync(_handle, long.MaxValue);
        await tool.DisposeAsync();

        Assert.Equal([(_handle, long.MaxValue)], a.Cache.Outdated);
        Advance(MaxStaleness, () => Assert.True(a.Coherence.IsTrusted));
    }

    [Fact]
    public async Task A_node_whose_time_stood_still_flushes_before_it_trusts_again()
    {
        var a = await StartTrustedAsync();
        var (flushes, wasTrusted) = (a.Cache.Flushes, true);
        a.Link.Tamper = message =>
        {
            // The first thing that happens: its own heartbeat comes back.
            wasTrusted = a.Coherence.IsTrusted;
            a.Link.Tamper = null;
            return [message];
        };

        _clock.Advance(MaxStaleness);

        Assert.False(wasTrusted);
        Assert.True(a.Cache.Flushes > flushes);
        Assert.True(a.Coherence.IsTrusted);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.7)]
    public async Task A_staleness_that_is_too_short_for_heartbeats_is_never_trusted(double seconds)
    {
        var a = Start(TimeSpan.FromSeconds(seconds));

        Advance(TimeSpan.FromMinutes(1), () => Assert.False(a.Coherence.IsTrusted));
    }

    [Theory]
    [InlineData(0.8)]
    [InlineData(1)]
    [InlineData(86_400)]
    public async Task Every_other_staleness_is(double seconds)
    {
        var (a, b) = (Start(TimeSpan.FromSeconds(seconds)), Start(TimeSpan.FromSeconds(seconds)));
        await TrustedAsync(a, b);

        Advance(TimeSpan.FromMinutes(5), () => Assert.True(a.Coherence.IsTrusted && b.Coherence.IsTrusted));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            var disposing = node.DisposeAsync().AsTask();
            await Eventually.TrueAsync(_clock, MaxStaleness, () => disposing.IsCompleted, "the node stops");
            await disposing;
        }
    }

    private TestNode Start(TimeSpan? maxStaleness = null)
    {
        var node = new TestNode(_bus, _clock, maxStaleness ?? MaxStaleness);
        _nodes.Add(node);
        node.Coherence.Start();
        return node;
    }

    private async Task<TestNode> StartTrustedAsync()
    {
        var node = Start();
        await TrustedAsync(node);
        return node;
    }

    private Task TrustedAsync(params TestNode[] nodes) =>
        Eventually.TrueAsync(_clock, Step, () => Array.TrueForAll(nodes, static node => node.Coherence.IsTrusted), "all trust");

    private void Advance(TimeSpan by, Action? meanwhile = null) => _clock.AdvanceInSteps(by, Step, meanwhile);
}
