using KvSessions;

namespace FileSessions;

public sealed partial class FileStore
{
    /// <inheritdoc/>
    public async ValueTask<int> DeleteExpiredAsync(int batchSize, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        var deleted = 0;

        // What they were a moment ago is only a hint, so no lock is needed for it; each is asked again under its own.
        foreach (var handle in await DoAsync([], _folder.ExpiredAt, ct).ConfigureAwait(false))
        {
            deleted += await DoAsync([handle], now => DeleteIfExpired(handle, now), ct).ConfigureAwait(false) ? 1 : 0;
            if (deleted == batchSize)
            {
                break;
            }
        }

        return deleted;
    }

    private bool DeleteIfExpired(SessionHandle handle, DateTimeOffset now)
    {
        try
        {
            if (_folder.ReadFacts(handle) is not { } facts || !facts.IsExpiredAt(now))
            {
                return false;
            }
        }
        catch (SessionStoreException fault) when (fault.Error == SessionStoreError.Corrupt)
        {
            // Somebody has to look at it; the others need not wait for that.
            return false;
        }

        _folder.Commit(null, [handle]);
        return true;
    }
}
