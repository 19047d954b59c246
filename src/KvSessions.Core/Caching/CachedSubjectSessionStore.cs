namespace KvSessions;

/// <summary>A <see cref="CachedSessionStore"/> whose store finds and ends the sessions of a subject.</summary>
internal class CachedSubjectSessionStore(ISubjectSessionStore inner, SessionCache cache) : CachedSessionStore(inner, cache), ISubjectSessionStore
{
    public async ValueTask<SessionPage> FindBySubjectAsync(
        string subject, int pageSize, string? continuation = null, CancellationToken ct = default)
    {
        var page = await inner.FindBySubjectAsync(subject, pageSize, continuation, ct).ConfigureAwait(false);
        foreach (var record in page.Records)
        {
            Cache.Saw(record.Handle, record);
        }

        return page;
    }

    public async ValueTask<IReadOnlyList<SessionHandle>> DeleteBySubjectAsync(
        string subject, SessionHandle? except = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ct.ThrowIfCancellationRequested();
        Cache.BeginRevocation(subject);
        try
        {
            var ended = await EndAsync(inner.DeleteBySubjectAsync(subject, except, ct), ct).ConfigureAwait(false);
            await EndedAsync(ended).ConfigureAwait(false);
            return ended;
        }
        catch (Exception fault) when (LeavesDoubt(fault))
        {
            await Cache.DoubtAllAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            Cache.EndRevocation(subject);
        }
    }

    private protected Task EndedAsync(IReadOnlyList<SessionHandle> handles) =>
        Task.WhenAll(handles.Select(handle => Cache.EndedAsync(handle).AsTask()));
}
