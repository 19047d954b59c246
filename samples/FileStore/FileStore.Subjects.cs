using KvSessions;

namespace FileSessions;

// What concerns all sessions of a subject goes under all locks: a session that is being created has no lock yet that one could take.
public sealed partial class FileStore
{
    /// <inheritdoc/>
    public ValueTask<SessionPage> FindBySubjectAsync(
        string subject, int pageSize, string? continuation = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        var after = ReadContinuation(continuation);
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
    public ValueTask<AdmitResult> AdmitAsync(
        SessionHandle? old, SessionRecord record, SubjectLimit limit, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentException.ThrowIfNullOrEmpty(record.Subject);
        ArgumentNullException.ThrowIfNull(limit);
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

    private static SessionHandle? ReadContinuation(string? continuation) =>
        continuation is null ? null
        : SessionHandle.TryParse(continuation, out var handle) ? handle
        : throw new ArgumentException("Not where a page of this store ended.", nameof(continuation));
}
