using Microsoft.Extensions.Time.Testing;

namespace KvSessions.Core.Tests.Backplane;

internal static class FakeTimeProviderExtensions
{
    /// <summary>Moves the clock on step by step, so that what a timer starts can set the next one.</summary>
    public static void AdvanceInSteps(this FakeTimeProvider clock, TimeSpan by, TimeSpan step, Action? meanwhile = null)
    {
        for (var until = clock.GetUtcNow() + by; clock.GetUtcNow() < until;)
        {
            clock.Advance(step);
            clock.WaitForTimers();
            meanwhile?.Invoke();
        }
    }

    // Another thread that touches the clock may be calling what is due: then the clock goes on without waiting for it.
    private static void WaitForTimers(this FakeTimeProvider clock)
    {
        using var called = new ManualResetEventSlim();
        using var last = clock.CreateTimer(_ => called.Set(), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        Assert.True(called.Wait(TimeSpan.FromSeconds(20), CancellationToken.None), "The timers that are due are not called.");
    }
}
