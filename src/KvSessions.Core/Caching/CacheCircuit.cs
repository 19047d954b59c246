namespace KvSessions;

/// <summary>Keeps calls from a cache that has failed several times in a row, for a moment, so that not every request waits for it.</summary>
internal sealed class CacheCircuit(TimeProvider clock)
{
    public const int MaxFailures = 5;

    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private long _failedAt;
    private int _failures;

    public bool IsOpen => Volatile.Read(ref _failures) >= MaxFailures && clock.GetElapsedTime(Volatile.Read(ref _failedAt)) < Pause;

    public void Succeeded() => Volatile.Write(ref _failures, 0);

    public void Failed()
    {
        Volatile.Write(ref _failedAt, clock.GetTimestamp());
        Interlocked.Increment(ref _failures);
    }
}
