using KvSessions;

namespace FileSessions;

/// <summary>
/// Locks for sessions, within the process. Sessions share a fixed number of them, so that there is nothing to make and to forget; they are
/// always taken in ascending order, so that nobody waits in a circle.
/// </summary>
internal sealed class HandleLocks
{
    private readonly SemaphoreSlim[] _locks = [.. Enumerable.Range(0, 64).Select(static _ => new SemaphoreSlim(1, 1))];

    /// <summary>Takes the locks of some sessions, or of all.</summary>
    public ValueTask<IDisposable> TakeAsync(SessionHandle[]? handles, CancellationToken ct)
    {
        // Also where there is nothing to wait for: a call that is cancelled before it begins does nothing.
        ct.ThrowIfCancellationRequested();
        return handles is null ? TakeAllAsync(ct) : TakeAsync(handles.Select(LockOf).Distinct().Order(), ct);
    }

    public ValueTask<IDisposable> TakeAllAsync(CancellationToken ct) => TakeAsync(_locks.Select(static (_, i) => i), ct);

    private int LockOf(SessionHandle handle) => (int)((uint)handle.GetHashCode() % (uint)_locks.Length);

    private async ValueTask<IDisposable> TakeAsync(IEnumerable<int> numbers, CancellationToken ct)
    {
        var held = new Held();
        try
        {
            foreach (var number in numbers)
            {
                await _locks[number].WaitAsync(ct).ConfigureAwait(false);
                held.Add(_locks[number]);
            }

            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    private sealed class Held : IDisposable
    {
        private readonly List<SemaphoreSlim> _held = [];

        public void Add(SemaphoreSlim taken) => _held.Add(taken);

        public void Dispose() => _held.ForEach(static taken => taken.Release());
    }
}
