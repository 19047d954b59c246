using KvSessions;

namespace FileSessions;

/// <summary>Whose each session is and when it ends. Safe for concurrent use.</summary>
internal sealed class SessionIndex
{
    private static readonly SessionHandle LastHandle = new([.. Enumerable.Repeat(byte.MaxValue, SessionHandle.ByteLength)]);

    private readonly Lock _gate = new();
    private readonly Dictionary<SessionHandle, (string? Subject, DateTimeOffset End)> _sessions = [];
    private readonly Dictionary<string, SortedSet<SessionHandle>> _subjects = new(StringComparer.Ordinal);
    private readonly SortedSet<(DateTimeOffset End, SessionHandle Handle)> _ends = [];
    private readonly HashSet<SessionHandle> _unreadable = [];

    /// <summary>The sessions of which nobody can tell whose they are and when they end.</summary>
    public IReadOnlyList<SessionHandle> Unreadable
    {
        get
        {
            lock (_gate)
            {
                return [.. _unreadable];
            }
        }
    }

    public void Put(SessionRecord facts)
    {
        lock (_gate)
        {
            Forget(facts.Handle);
            _sessions.Add(facts.Handle, (facts.Subject, facts.ExpiresAt));
            _ends.Add((facts.ExpiresAt, facts.Handle));
            if (facts.Subject is { } subject)
            {
                if (!_subjects.TryGetValue(subject, out var handles))
                {
                    _subjects.Add(subject, handles = []);
                }

                handles.Add(facts.Handle);
            }
        }
    }

    public void PutUnreadable(SessionHandle handle)
    {
        lock (_gate)
        {
            Forget(handle);
            _unreadable.Add(handle);
        }
    }

    public void Remove(SessionHandle handle)
    {
        lock (_gate)
        {
            Forget(handle);
        }
    }

    /// <summary>The live sessions of a subject, in order of their handles.</summary>
    public IReadOnlyList<SessionHandle> LiveOf(string subject, DateTimeOffset now)
    {
        lock (_gate)
        {
            return _subjects.TryGetValue(subject, out var handles) ? [.. handles.Where(handle => _sessions[handle].End > now)] : [];
        }
    }

    /// <summary>
    /// The sessions that have expired, those first that expired first. Each is looked up when it is asked for, so the index may change
    /// meanwhile, and a few of many cost little.
    /// </summary>
    public IEnumerable<SessionHandle> ExpiredAt(DateTimeOffset now)
    {
        var last = (End: DateTimeOffset.MinValue, Handle: default(SessionHandle));
        while (FirstAfter(last, now) is { } next)
        {
            yield return next.Handle;
            last = next;
        }
    }

    private (DateTimeOffset End, SessionHandle Handle)? FirstAfter((DateTimeOffset End, SessionHandle Handle) last, DateTimeOffset now)
    {
        lock (_gate)
        {
            foreach (var next in _ends.GetViewBetween(last, (now, LastHandle)))
            {
                if (next != last)
                {
                    return next;
                }
            }

            return null;
        }
    }

    private void Forget(SessionHandle handle)
    {
        _unreadable.Remove(handle);
        if (!_sessions.Remove(handle, out var session))
        {
            return;
        }

        _ends.Remove((session.End, handle));
        if (session.Subject is { } subject && _subjects[subject] is var handles)
        {
            handles.Remove(handle);
            if (handles.Count == 0)
            {
                _subjects.Remove(subject);
            }
        }
    }
}
