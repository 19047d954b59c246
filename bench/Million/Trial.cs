using System.Diagnostics;
using System.Globalization;

namespace KvSessions.Bench;

/// <summary>
/// Fills a store with sessions, of which every second one has expired, and sweeps those away as the library's sweeper does: in batches,
/// with pauses of four times as long. One reader goes on reading the others.
/// </summary>
internal static class Trial
{
    private const int BatchSize = 1_000;
    private const int Writers = 256;

    private static readonly TimeSpan ReadAlone = TimeSpan.FromSeconds(5);

    public static async Task RunAsync<TStore>(string name, TStore store, int count, Func<ValueTask<long>> measureBytes)
        where TStore : IExpiredSessionStore
    {
        var before = await measureBytes();
        var start = Stopwatch.GetTimestamp();
        var handles = await FillAsync(store, count);
        var filling = Stopwatch.GetElapsedTime(start);
        var bytes = (await measureBytes() - before) / count;

        using var readers = new ReadLoop(store, handles);
        var first = await readers.CountPerSecondAsync(() => Task.Delay(ReadAlone));
        start = Stopwatch.GetTimestamp();
        var during = await readers.CountPerSecondAsync(() => SweepAsync(store));
        var sweeping = Stopwatch.GetElapsedTime(start);
        var last = await readers.CountPerSecondAsync(() => Task.Delay(ReadAlone));

        // What else the machine does changes while this goes on.
        var alone = (first + last) / 2;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {count:N0} | {filling.TotalSeconds:N1} s | {bytes:N0} | {sweeping.TotalSeconds:N1} s | {alone:N0} | {during:N0} | {during / alone:N2} |"));
    }

    /// <summary>Makes the sessions.</summary>
    /// <returns>The handles of those that are alive.</returns>
    private static async Task<SessionHandle[]> FillAsync(ISessionStore store, int count)
    {
        var handles = new SessionHandle[count / 2];
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                var stays = i % 2 == 0 && i / 2 < handles.Length;
                var record = Payload.NewRecord(isOver: !stays);
                if (!await store.CreateAsync(record))
                {
                    throw new InvalidOperationException("A random handle was taken.");
                }

                if (stays)
                {
                    handles[i / 2] = record.Handle;
                }
            }
        })));
        return handles;
    }

    private static async Task SweepAsync(IExpiredSessionStore store)
    {
        int deleted;
        do
        {
            var start = Stopwatch.GetTimestamp();
            deleted = await store.DeleteExpiredAsync(BatchSize);
            await Task.Delay(Stopwatch.GetElapsedTime(start) * 4);
        }
        while (deleted == BatchSize);
    }
}
