namespace KvSessions;

/// <summary>A <see cref="CachedSessionStore"/> whose store bounds the number of sessions of a subject.</summary>
internal sealed class CachedSubjectLimitStore(ISubjectLimitStore inner, SessionCache cache) : CachedSubjectSessionStore(inner, cache), ISubjectLimitStore
{
    public async ValueTask<AdmitResult> AdmitAsync(
        SessionHandle? old, SessionRecord record, SubjectLimit limit, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentException.ThrowIfNullOrEmpty(record.Subject);
        ct.ThrowIfCancellationRequested();
        PendingWrite? ending = old is { } handle ? Cache.BeginWrite(handle) : null;
        var beginning = Cache.BeginWrite(record.Handle);
        Cache.BeginRevocation(record.Subject);
        try
        {
            var result = await EndAsync(inner.AdmitAsync(old, record, limit, ct), ct).ConfigureAwait(false);
            await ReplacedAsync(old, record, result.Save).ConfigureAwait(false);
            await EndedAsync(result.Evicted).ConfigureAwait(false);
            return result;
        }
        catch (Exception fault) when (LeavesDoubt(fault))
        {
            await DoubtAsync(old, record).ConfigureAwait(false);
            await Cache.DoubtAllAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            Cache.EndRevocation(record.Subject);
            Cache.EndWrite(beginning);
            if (ending is { } write)
            {
                Cache.EndWrite(write);
            }
        }
    }
}
