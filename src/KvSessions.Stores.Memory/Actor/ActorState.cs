namespace KvSessions.Stores.Memory;

/// <summary>All that an <see cref="ActorStore"/> knows. Only the reader of the mailbox touches it, one message at a time, so each method is atomic as it stands.</summary>
internal sealed class ActorState(TimeProvider clock)
{
    private readonly Dictionary<SessionHandle, SessionRecord> _records = [];
    private readonly SubjectIndex _subjects = new();

    public int Count => _records.Count;

    public int SubjectCount => _subjects.SubjectCount;

    public SessionRecord? Load(SessionHandle handle) =>
        _records.TryGetValue(handle, out var record) && !record.IsExpiredAt(clock.GetUtcNow()) ? record : null;

    public SaveResult Create(SessionRecord record) => CanCome(record, old: null) ?? Add(record);

    public SaveResult Save(SessionHandle handle, SessionChanges changes)
    {
        if (!_records.TryGetValue(handle, out var record))
        {
            return SaveResult.Gone;
        }

        var result = record.Apply(changes, clock.GetUtcNow(), out var next);
        _records[handle] = next;
        return result;
    }

    public bool Delete(SessionHandle handle)
    {
        if (!_records.Remove(handle, out var record))
        {
            return false;
        }

        _subjects.Remove(record);
        return !record.IsExpiredAt(clock.GetUtcNow());
    }

    public SaveResult Renew(SessionHandle old, SessionRecord renewed)
    {
        if (CanCome(renewed, old) is { } obstacle)
        {
            return obstacle;
        }

        Delete(old);
        return Add(renewed);
    }

    public SessionPage FindBySubject(string subject, int pageSize, SessionHandle? after) => _subjects.Page(subject, pageSize, after, Load);

    public IReadOnlyList<SessionHandle> DeleteBySubject(string subject, SessionHandle? except) =>
        [.. _subjects.Of(subject).Where(handle => handle != except && Delete(handle))];

    public AdmitResult Admit(SessionHandle? old, SessionRecord record, SubjectLimit limit)
    {
        if (CanCome(record, old) is { } obstacle)
        {
            return AdmitResult.NotSaved(obstacle);
        }

        var others = _subjects.Of(record.Subject!).Where(handle => handle != old).Select(Load).OfType<SessionRecord>().ToList();
        if (!limit.TryMakeRoom(others, out var evicted))
        {
            return AdmitResult.Refused;
        }

        foreach (var surplus in evicted)
        {
            Delete(surplus);
        }

        return AdmitResult.Admitted(old is { } handle ? Renew(handle, record) : Add(record), evicted);
    }

    public int DeleteExpired(int batchSize)
    {
        var now = clock.GetUtcNow();
        var expired = _records.Values.Where(record => record.IsExpiredAt(now)).Take(batchSize).ToList();
        foreach (var record in expired)
        {
            Delete(record.Handle);
        }

        return expired.Count;
    }

    // What stands in the way of a new session, if anything does.
    private SaveResult? CanCome(SessionRecord record, SessionHandle? old)
    {
        if (old is { } handle)
        {
            switch (Load(handle)?.CanBecome(record, clock.GetUtcNow()))
            {
                case null or SaveStatus.Gone:
                    return SaveResult.Gone;
                case SaveStatus.Conflict:
                    return SaveResult.Conflict;
            }
        }

        return _records.ContainsKey(record.Handle) ? SaveResult.Conflict : null;
    }

    private SaveResult Add(SessionRecord record)
    {
        var accepted = record.AcceptedAt(clock.GetUtcNow());
        _records.Add(accepted.Handle, accepted);
        _subjects.Add(accepted);
        return SaveResult.Saved(accepted);
    }
}
