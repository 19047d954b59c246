using Microsoft.Extensions.Time.Testing;

namespace KvSessions.Stores.Conformance;

/// <summary>A harness for stores whose clock is the <see cref="TimeProvider"/> they are given: give them <see cref="Clock"/>.</summary>
public abstract class LocalClockHarness : SessionStoreHarness
{
    // Not a whole second, so that a store that keeps fewer digits than it says is found out.
    private static readonly DateTimeOffset Start = new DateTimeOffset(2031, 5, 4, 3, 2, 1, TimeSpan.Zero).AddTicks(1_234_567);

    /// <summary>The clock of the store. It stands still until it is moved.</summary>
    public FakeTimeProvider Clock { get; } = new(Start);

    /// <inheritdoc/>
    public override DateTimeOffset Now => Clock.GetUtcNow();

    /// <inheritdoc/>
    public override ValueTask AdvanceAsync(TimeSpan by)
    {
        if (by >= TimeSpan.Zero)
        {
            Clock.Advance(by);
        }
        else
        {
            Clock.AdjustTime(Clock.GetUtcNow() + by);
        }

        return ValueTask.CompletedTask;
    }
}
