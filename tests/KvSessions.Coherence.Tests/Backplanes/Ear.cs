using System.Collections.Concurrent;

namespace KvSessions.Coherence.Tests.Backplanes;

/// <summary>Listens, and keeps what it hears.</summary>
internal sealed class Ear : ISessionBackplaneListener, IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private int _begun;

    private Ear(ISessionBackplane backplane) => Listening = Task.Run(() => backplane.ListenAsync(this, _end.Token));

    /// <summary>Ends when the listening does.</summary>
    public Task Listening { get; }

    public ConcurrentQueue<byte[]> Heard { get; } = new();

    public int Begun => Volatile.Read(ref _begun);

    public static async Task<Ear> OpenAsync(ISessionBackplane backplane)
    {
        var ear = new Ear(backplane);
        await Eventually.TrueAsync(() => ear.Begun == 1 || ear.Listening.IsCompleted, "it listens");
        if (ear.Begun == 0)
        {
            await ear.Listening;
        }

        return ear;
    }

    public Task HearsAsync(int count) => Eventually.TrueAsync(() => Heard.Count >= count, $"{count} messages have come in");

    public void OnListening() => Interlocked.Increment(ref _begun);

    public void OnMessage(ReadOnlySpan<byte> message) => Heard.Enqueue(message.ToArray());

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
