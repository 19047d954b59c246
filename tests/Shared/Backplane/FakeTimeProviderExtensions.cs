using Microsoft.Extensions.Time.Testing;

namespace KvSessions.Tests;

public static class FakeTimeProviderExtensions
{
    /// <summary>
    /// Moves the clock on and waits until all timers have been called that are due: where another thread that has touched the clock is calling
    /// them, <see cref="FakeTimeProvider.Advance"/> leaves them to it and returns.
    /// </summary>
    public static void AdvanceAndWait(this FakeTimeProvider clock, TimeSpan by)
    {
        clock.Advance(by);
        using var called = new ManualResetEventSlim();
        using var last = clock.CreateTimer(_ => called.Set(), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        Assert.True(called.Wait(TimeSpan.FromSeconds(20), CancellationToken.None), "The timers that are due are not called.");
    }

    /// <summary>Moves the clock on step by step, so that what a timer starts can set the next one.</summary>
    public static void AdvanceInSteps(this FakeTimeProvider clock, TimeSpan by, TimeSpan step, Action? meanwhile = null)
    {
        for (var until = clock.GetUtcNow() + by; clock.GetUtcNow() < until;)
        {
            clock.AdvanceAndWait(step);
            meanwhile?.Invoke();
        }
    }
}
