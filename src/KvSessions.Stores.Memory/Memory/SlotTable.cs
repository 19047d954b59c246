using System.Collections.Concurrent;

namespace KvSessions.Stores.Memory;

/// <summary>
/// The slots of all sessions and the index of subjects. Reads and saves take no lock. Whatever changes the index takes the one lock, so
/// that under it a handle is in the index of its subject exactly when its slot is in the table and has not ended.
/// </summary>
/// <remarks>
/// Each call is one atomic step. Most change one slot, and a renewal is decided by one (<see cref="Slot"/>). What ends several sessions
/// says so first (<see cref="_endsSeveral"/>), and calls that begin meanwhile wait for it. Nobody can see half of it: whoever finds one
/// of its sessions ended has begun before it, and the next call, by whomever, waits until all have ended; whoever still used one of them
/// has begun before it too, and so counts as the earlier.
/// </remarks>
internal sealed class SlotTable
{
    private readonly ConcurrentDictionary<SessionHandle, Slot> _slots = new();
    private readonly SubjectIndex _subjects = new();
    private readonly Lock _subjectsLock = new();
    private int _count;
    private volatile bool _endsSeveral;

    /// <summary>How many sessions there are, expired ones included. Unlike the dictionary's own count, it takes no locks.</summary>
    public int Count => Volatile.Read(ref _count);

    public int SubjectCount
    {
        get
        {
            lock (_subjectsLock)
            {
                return _subjects.SubjectCount;
            }
        }
    }

    public IEnumerable<Slot> Slots => _slots.Select(static entry => entry.Value);

    public SessionRecord? Find(SessionHandle handle, DateTimeOffset now)
    {
        WaitWhileSeveralEnd();
        return _slots.TryGetValue(handle, out var slot) && slot.Read(out _) is { } record && !record.IsExpiredAt(now) ? record : null;
    }

    public SaveResult Save(SessionHandle handle, SessionChanges changes, TimeProvider clock)
    {
        WaitWhileSeveralEnd();
        while (_slots.TryGetValue(handle, out var slot) && slot.Read(out var seen) is { } record)
        {
            var result = record.Apply(changes, clock.GetUtcNow(), out var next);
            if (result.Status != SaveStatus.Saved || slot.TryReplace(seen, next))
            {
                return result;
            }
        }

        return SaveResult.Gone;
    }

    public bool TryCreate(SessionRecord accepted)
    {
        if (accepted.Subject is null)
        {
            WaitWhileSeveralEnd();
            return TryAdd(accepted.Handle, new Slot(accepted));
        }

        // Whoever reads the session before it is indexed and wants to end it by its subject has to wait for the lock.
        lock (_subjectsLock)
        {
            if (!TryAdd(accepted.Handle, new Slot(accepted)))
            {
                return false;
            }

            _subjects.Add(accepted);
            return true;
        }
    }

    /// <summary>Ends a session, if it still is what <paramref name="seen"/> says.</summary>
    public bool TryEnd(Slot slot, object? seen, SessionRecord record)
    {
        if (record.Subject is null)
        {
            return TryRemove(slot, seen, record.Handle);
        }

        lock (_subjectsLock)
        {
            if (!TryRemove(slot, seen, record.Handle))
            {
                return false;
            }

            _subjects.Remove(record);
            return true;
        }
    }

    /// <summary>Ends a session, whatever it is by now.</summary>
    /// <returns>Whether it was there, expired ones not counting.</returns>
    public bool End(SessionHandle handle, TimeProvider clock)
    {
        WaitWhileSeveralEnd();
        while (_slots.TryGetValue(handle, out var slot) && slot.Read(out var seen) is { } record)
        {
            var isLive = !record.IsExpiredAt(clock.GetUtcNow());
            if (TryEnd(slot, seen, record))
            {
                return isLive;
            }
        }

        return false;
    }

    public SaveResult Renew(SessionHandle old, SessionRecord renewed, TimeProvider clock)
    {
        lock (_subjectsLock)
        {
            return RenewLocked(old, renewed, clock);
        }
    }

    public AdmitResult Admit(SessionHandle? old, SessionRecord record, SubjectLimit limit, TimeProvider clock)
    {
        // Under the lock no session of the subject comes or goes, so what is counted here holds until the end.
        lock (_subjectsLock)
        {
            var now = clock.GetUtcNow();
            var status = CanCome(record, old, now);
            if (status != SaveStatus.Saved)
            {
                return AdmitResult.NotSaved(status == SaveStatus.Gone ? SaveResult.Gone : SaveResult.Conflict);
            }

            var others = _subjects.Of(record.Subject!).Where(handle => handle != old).Select(handle => Find(handle, now));
            if (!limit.TryMakeRoom([.. others.OfType<SessionRecord>()], out var evicted))
            {
                return AdmitResult.Refused;
            }

            _endsSeveral = evicted.Count > 0;
            try
            {
                return AdmitLocked(old, record, evicted, clock);
            }
            finally
            {
                _endsSeveral = false;
            }
        }
    }

    public SessionPage Page(string subject, int pageSize, SessionHandle? after, DateTimeOffset now)
    {
        lock (_subjectsLock)
        {
            return _subjects.Page(subject, pageSize, after, handle => Find(handle, now));
        }
    }

    public IReadOnlyList<SessionHandle> EndBySubject(string subject, SessionHandle? except, TimeProvider clock)
    {
        lock (_subjectsLock)
        {
            _endsSeveral = true;
            try
            {
                return [.. _subjects.Of(subject).Where(handle => handle != except && End(handle, clock))];
            }
            finally
            {
                _endsSeveral = false;
            }
        }
    }

    // Whether something stands in the way but the limit. To be refused is the last answer: it is for those who could come but for it.
    private SaveStatus CanCome(SessionRecord record, SessionHandle? old, DateTimeOffset now)
    {
        var status = old is { } handle ? Find(handle, now)?.CanBecome(record, now) ?? SaveStatus.Gone : SaveStatus.Saved;
        var isTaken = _slots.TryGetValue(record.Handle, out var there) && !there.HasEnded;
        return status == SaveStatus.Saved && isTaken ? SaveStatus.Conflict : status;
    }

    private AdmitResult AdmitLocked(SessionHandle? old, SessionRecord record, IReadOnlyList<SessionHandle> evicted, TimeProvider clock)
    {
        var save = old is { } handle ? RenewLocked(handle, record, clock) : CreateLocked(record, clock);
        if (save.Status != SaveStatus.Saved)
        {
            return AdmitResult.NotSaved(save);
        }

        // Last, because nothing can fail any more.
        foreach (var surplus in evicted)
        {
            End(surplus, clock);
        }

        return AdmitResult.Admitted(save, evicted);
    }

    private SaveResult CreateLocked(SessionRecord record, TimeProvider clock)
    {
        var accepted = record.AcceptedAt(clock.GetUtcNow());
        return TryCreate(accepted) ? SaveResult.Saved(accepted) : SaveResult.Conflict;
    }

    private SaveResult RenewLocked(SessionHandle old, SessionRecord renewed, TimeProvider clock)
    {
        if (!_slots.TryGetValue(old, out var from) || from.Read(out _) is not { } before || before.IsExpiredAt(clock.GetUtcNow()))
        {
            return SaveResult.Gone;
        }

        var accepted = renewed.AcceptedAt(clock.GetUtcNow());
        var renewal = new Renewal(from, accepted);
        var to = new Slot(renewal);
        if (!TryAdd(accepted.Handle, to))
        {
            return SaveResult.Conflict;
        }

        var status = Move(from, renewal, clock);
        if (status != SaveStatus.Saved)
        {
            TryRemove(to, renewal, accepted.Handle);
            return status == SaveStatus.Gone ? SaveResult.Gone : SaveResult.Conflict;
        }

        // Somebody may have saved or even ended the new session by now. Ending one that has a subject takes the lock, so the index is
        // right either way.
        to.Settle(renewal);
        Forget(old, from);
        _subjects.Remove(before);
        _subjects.Add(accepted);

        return SaveResult.Saved(accepted);
    }

    private static SaveStatus Move(Slot from, Renewal renewal, TimeProvider clock)
    {
        while (from.Read(out var seen) is { } record)
        {
            var status = record.CanBecome(renewal.Record, clock.GetUtcNow());
            if (status != SaveStatus.Saved || from.TryMove(seen, renewal))
            {
                return status;
            }
        }

        return SaveStatus.Gone;
    }

    private bool TryAdd(SessionHandle handle, Slot slot)
    {
        while (!_slots.TryAdd(handle, slot))
        {
            if (!_slots.TryGetValue(handle, out var there))
            {
                continue;
            }

            if (there.IsUndecided)
            {
                WaitForLock();
            }
            else if (there.HasEnded)
            {
                Forget(handle, there);
            }
            else
            {
                return false;
            }
        }

        Interlocked.Increment(ref _count);
        return true;
    }

    private bool TryRemove(Slot slot, object? seen, SessionHandle handle)
    {
        if (!slot.TryEnd(seen))
        {
            return false;
        }

        Forget(handle, slot);
        return true;
    }

    private void Forget(SessionHandle handle, Slot slot)
    {
        if (_slots.TryRemove(KeyValuePair.Create(handle, slot)))
        {
            Interlocked.Decrement(ref _count);
        }
    }

    private void WaitWhileSeveralEnd()
    {
        if (_endsSeveral)
        {
            WaitForLock();
        }
    }

    private void WaitForLock()
    {
        lock (_subjectsLock)
        {
            // Whoever had it is done.
        }
    }
}
