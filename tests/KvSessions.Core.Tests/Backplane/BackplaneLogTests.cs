using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace KvSessions.Core.Tests.Backplane;

/// <summary>What an operator reads of a backplane: each change once, however often it is noticed.</summary>
public sealed class BackplaneLogTests : IAsyncDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(125);

    private readonly FakeTimeProvider _clock = new();
    private readonly TestNode _node;
    private readonly TestNode _other;

    public BackplaneLogTests()
    {
        var bus = new FaultyBus(_clock);
        (_node, _other) = (new(bus, _clock, TimeSpan.FromSeconds(10)), new(bus, _clock, TimeSpan.FromSeconds(10)));
        _node.Coherence.Start();
        _other.Coherence.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Fact]
    public async Task Trust_that_is_gained_and_lost()
    {
        await TrustedAsync(true);
        Assert.Equal(1, Count(LogLevel.Information, "is trusted"));
        Assert.Equal(0, Count(LogLevel.Warning, "is not trusted"));

        _node.Link.RefusesToListen = true;
        _node.Link.Cut();
        await TrustedAsync(false);
        Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, Count(LogLevel.Warning, "is not trusted"));
        Assert.True(Count(LogLevel.Warning, "Listening to the backplane has ended") > 0);

        _node.Link.Heal();
        await TrustedAsync(true);
        Assert.Equal(2, Count(LogLevel.Information, "is trusted"));
    }

    [Fact]
    public async Task Messages_that_are_not_taken_and_are_taken_again()
    {
        await TrustedAsync(true);
        Assert.Equal(0, Count(LogLevel.Warning, "does not take messages"));

        _node.Link.RefusesToSend = true;
        Advance(TimeSpan.FromMinutes(1));
        await Eventually.TrueAsync(_clock, Step, () => Count(LogLevel.Warning, "does not take messages") == 1, "it is said");
        Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, Count(LogLevel.Warning, "does not take messages"));
        Assert.Equal(0, Count(LogLevel.Information, "takes messages again"));

        _node.Link.Heal();
        await Eventually.TrueAsync(_clock, Step, () => Count(LogLevel.Information, "takes messages again") == 1, "it is said");
        Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, Count(LogLevel.Information, "takes messages again"));
    }

    [Fact]
    public async Task A_node_that_hears_nothing_of_its_own()
    {
        await TrustedAsync(true);

        _node.Link.Tamper = static _ => [];
        await Eventually.TrueAsync(_clock, Step, () => Count(LogLevel.Warning, "none of its own messages comes back") > 0, "it is said");
    }

    private int Count(LogLevel level, string text) =>
        _node.Log.Messages.Count(entry => entry.Level == level && entry.Message.Contains(text, StringComparison.Ordinal));

    private Task TrustedAsync(bool isTrusted) =>
        Eventually.TrueAsync(_clock, Step, () => _node.Coherence.IsTrusted == isTrusted, isTrusted ? "it trusts" : "it does not trust");

    private void Advance(TimeSpan by) => _clock.AdvanceInSteps(by, Step);
}
