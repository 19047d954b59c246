using KvSessions;

namespace FileSessions;

/// <summary>
/// Locks for sessions. There is a fixed number of them, each for all handles that fall to it, so that nothing has to be remembered of a
/// handle; two sessions at once seldom meet, and then one waits for the other's file.
/// </summary>
internal sealed class HandleLocks
{
    private readonly SemaphoreSlim[] _stripes = [.. Enumerable.Range(0, 256).Select(_ => new SemaphoreSlim(1))];

    public ValueTask<Held> TakeAllAsync(CancellationToken ct) => TakeAsync(null, ct);

    /// <summary>Takes the locks of these sessions, or with <see langword="null"/> of all.</summary>
    public async ValueTask<Held> TakeAsync(SessionHandle[]? handles, CancellationToken ct)
    {
        // With no handles there is nothing to wait for that would look at it.
        ct.ThrowIfCancellationRequested();

        // All in one order, or two calls could wait for each other; each once, or one would wait for itself.
        var wanted = handles is null ? _stripes : [.. handles.Select(StripeOf).Distinct().Order().Select(stripe => _stripes[stripe])];
        var taken = 0;
        try
        {
            foreach (var stripe in wanted)
            {
                await stripe.WaitAsync(ct).ConfigureAwait(false);
                taken++;
            }
        }
        catch
        {
            new Held(wanted[..taken]).Dispose();
            throw;
        }

        return new Held(wanted);
    }

    private int StripeOf(SessionHandle handle) => (int)((uint)handle.GetHashCode() % _stripes.Length);

    /// <summary>Locks that are held until this is disposed, once.</summary>
    internal readonly struct Held(SemaphoreSlim[] stripes) : IDisposable
    {
        public void Dispose()
        {
            foreach (var stripe in stripes)
            {
                stripe.Release();
            }
        }
    }
}
