namespace KvSessions.Stores.Conformance;

/// <summary>
/// Moments as the model knows them: to the tick for a clock that stands still between calls; else to the minute nearest to the beginning
/// of the history plus whole minutes, which is as far as lives and moves of the clock go, so that a server's clock may run on meanwhile.
/// </summary>
internal sealed class HistoryClock(SessionStoreHarness harness)
{
    private readonly long _start = harness.Now.UtcTicks;
    private readonly bool _isExact = harness.ClockDrift == TimeSpan.Zero && harness.ClockResolution == TimeSpan.FromTicks(1);

    public long Now => ToModel(harness.Now);

    public long ToModel(DateTimeOffset moment)
    {
        var ticks = moment.UtcTicks - _start;
        return _isExact ? ticks : (long)Math.Round((double)ticks / TimeSpan.TicksPerMinute) * TimeSpan.TicksPerMinute;
    }
}
