namespace KvSessions.Bench;

/// <summary>The system's clock, moved on by hand: so that sessions expire when the measurement wants them to.</summary>
internal sealed class MovableClock : TimeProvider
{
    private long _ticks;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Volatile.Read(ref _ticks));

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);
}
