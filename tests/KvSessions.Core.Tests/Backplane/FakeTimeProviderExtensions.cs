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
            meanwhile?.Invoke();
        }
    }
}
