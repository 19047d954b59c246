using KvSessions;

namespace FileSessions;

public sealed partial class FileStore
{
    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="continuation"/> is not one that this method gave.</exception>
    public ValueTask<SessionPage> FindBySubjectAsync(
        string subject, int pageSize, string? continuation = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        SessionHandle? after = continuation is null ? null
            : SessionHandle.TryParse(continuation, out var last) ? last
            : throw new ArgumentException("This is no continuation of an earlier page.", nameof(continuation));
        return DoAsync(
            null,
            now =>
            {
                // In order of the handles, which never change: whatever comes and goes, nobody is skipped or met twice.
                var rest = _folder.LiveOf(subject, now).Where(handle => after is null || handle > after).ToList();
                var records = rest.Take(pageSize).Select(handle => _folder.Read(handle)!).ToList();
                return new SessionPage(records, rest.Count > pageSize ? rest[pageSize - 1].ToString() : null);
            },
            ct);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SessionHandle>> DeleteBySubjectAsync(
        string subject, SessionHandle? except = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return DoAsync<IReadOnlyList<SessionHandle>>(
            null,
            now =>
            {
                var ended = _folder.LiveOf(subject, now).Where(handle => handle != except).ToList();
                _folder.Commit(null, ended);
                return ended;
            },
            ct);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="record"/> has no subject.</exception>
    public ValueTask<AdmitResult> AdmitAsync(
        SessionHandle? old, SessionRecord record, SubjectLimit limit, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(limit);
        ArgumentException.ThrowIfNullOrEmpty(record.Subject, nameof(record));
        return DoAsync(
            null,
            now =>
            {
                var accepted = record.AcceptedAt(now);
                var result = MayEnter(old, accepted, now);
                if (result.Status != SaveStatus.Saved)
                {
                    return AdmitResult.NotSaved(result);
                }

                var others = _folder.LiveOf(record.Subject, now).Where(handle => handle != old).Select(handle => _folder.ReadFacts(handle)!);
                if (!limit.TryMakeRoom([.. others], out var evicted))
                {
                    return AdmitResult.Refused;
                }

                _folder.Commit(accepted, old is { } replaced ? [replaced, .. evicted] : evicted);
                return AdmitResult.Admitted(result, evicted);
            },
            ct);
    }

    /// <inheritdoc/>
    public async ValueTask<int> DeleteExpiredAsync(int batchSize, CancellationToken ct = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        var expired = await DoAsync([], now => _folder.ExpiredAt(now), ct).ConfigureAwait(false);
        var deleted = 0;
        foreach (var handle in expired)
        {
            // One at a time, so that nobody waits for the batch; and asked again, for another sweep may have been here.
            deleted += await DoAsync([handle], now => _folder.TryDeleteExpired(handle, now), ct).ConfigureAwait(false) ? 1 : 0;
            if (deleted == batchSize)
            {
                break;
            }
        }

        return deleted;
    }
}
