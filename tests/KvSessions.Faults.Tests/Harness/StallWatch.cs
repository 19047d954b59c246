using System.Diagnostics;

namespace KvSessions.Faults.Tests;

/// <summary>Watches how late this process is served: by the machine, and by its own thread pool. A call can be no more punctual than that.</summary>
internal sealed class StallWatch : IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(20);

    private readonly Thread _thread;
    private volatile bool _isOver;
    private long _machine;
    private long _pool;

    public StallWatch()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "Stall watch" };
        _thread.Start();
    }

    /// <summary>The longest that a thread of its own was woken too late.</summary>
    public TimeSpan OfMachine => TimeSpan.FromTicks(Interlocked.Read(ref _machine));

    /// <summary>The longest that work waited for a thread of the pool.</summary>
    public TimeSpan OfPool => TimeSpan.FromTicks(Interlocked.Read(ref _pool));

    /// <summary>Fails where a call took longer than it may, not counting what the machine itself was late. What the pool was late counts.</summary>
    public void AssertPunctual(TimeSpan took, string what) =>
        Assert.True(took - OfMachine <= Outage.LongestCall, $"A call took {took} while {this}: {what}");

    public override string ToString() =>
        $"the machine stalled for {OfMachine.TotalSeconds:0.00} s, the thread pool for {OfPool.TotalSeconds:0.00} s";

    public void Dispose()
    {
        _isOver = true;
        _thread.Join();
    }

    private void Run()
    {
        while (!_isOver)
        {
            var asleep = Stopwatch.GetTimestamp();
            Thread.Sleep(Beat);
            Longer(ref _machine, Stopwatch.GetElapsedTime(asleep) - Beat);
            var queued = Stopwatch.GetTimestamp();
            ThreadPool.QueueUserWorkItem(_ => Longer(ref _pool, Stopwatch.GetElapsedTime(queued)));
        }
    }

    private static void Longer(ref long longest, TimeSpan seen)
    {
        for (var known = Interlocked.Read(ref longest); known < seen.Ticks;)
        {
            known = Interlocked.CompareExchange(ref longest, seen.Ticks, known);
        }
    }
}
