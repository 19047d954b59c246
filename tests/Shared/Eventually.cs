using System.Diagnostics;

namespace KvSessions.Tests;

/// <summary>Waits for what happens in the background, and fails if it does not.</summary>
public static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), what);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        for (var waited = Stopwatch.StartNew(); !await condition();)
        {
            Assert.True(waited.Elapsed < Deadline, $"It has not come to this: {what}.");
            await Task.Delay(5);
        }
    }

    /// <summary>Moves the clock on, step by step, until it has come to it: timers may be set at any time in between.</summary>
    public static Task TrueAsync(Microsoft.Extensions.Time.Testing.FakeTimeProvider clock, TimeSpan step, Func<bool> condition, string what) =>
        TrueAsync(
            () =>
            {
                if (condition())
                {
                    return true;
                }

                clock.Advance(step);
                return condition();
            },
            what);
}
