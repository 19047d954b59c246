using System.Diagnostics;

namespace KvSessions.Bench;

/// <summary>Reads random sessions, one after the other, until it is disposed.</summary>
internal sealed class ReadLoop : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private long _count;

    public ReadLoop(ISessionStore store, SessionHandle[] handles) => _ = Task.Run(async () =>
    {
        var random = new Random(1);
        while (!_stop.IsCancellationRequested)
        {
            if (await store.LoadAsync(handles[random.Next(handles.Length)]) is null)
            {
                Environment.FailFast("A session that is alive was not found.");
            }

            Interlocked.Increment(ref _count);
        }
    });

    /// <summary>How many sessions are read in a second while something else is done.</summary>
    public async Task<double> CountPerSecondAsync(Func<Task> work)
    {
        var (start, before) = (Stopwatch.GetTimestamp(), Interlocked.Read(ref _count));
        await work();
        return (Interlocked.Read(ref _count) - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }
}
