using KvSessions;

namespace FileSessions;

/// <summary>What has to be known of all sessions at once: whose they are and when they end. Built from the files, kept in step with them.</summary>
internal sealed class SessionIndex
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SessionHandle, (string? Subject, DateTimeOffset ExpiresAt)> _sessions = [];
    private readonly Dictionary<string, SortedSet<SessionHandle>> _subjects = [];

    /// <summary>A file of which not even the facts can be read. It may be anybody's session, so nobody's can be listed or ended as a whole.</summary>
    public SessionHandle? Unreadable { private get; set; }

    public void Put(SessionRecord record)
    {
        lock (_lock)
        {
            _sessions[record.Handle] = (record.Subject, record.ExpiresAt);
            if (record.Subject is { } subject)
            {
                if (!_subjects.TryGetValue(subject, out var handles))
                {
                    _subjects[subject] = handles = [];
                }

                handles.Add(record.Handle);
            }
        }
    }

    public void Remove(SessionHandle handle)
    {
        lock (_lock)
        {
            if (_sessions.Remove(handle, out var session) && session.Subject is { } subject)
            {
                _subjects[subject].Remove(handle);
                if (_subjects[subject].Count == 0)
                {
                    _subjects.Remove(subject);
                }
            }
        }
    }

    /// <summary>The live sessions of a subject, in order of their handles.</summary>
    /// <exception cref="SessionStoreException">There is a file that cannot be read.</exception>
    public IReadOnlyList<SessionHandle> LiveOf(string subject, DateTimeOffset now)
    {
        if (Unreadable is { } unreadable)
        {
            throw new SessionStoreException(
                SessionStoreError.Corrupt, $"The stored session {unreadable} cannot be read, so nobody can say whose it is.");
        }

        lock (_lock)
        {
            return _subjects.TryGetValue(subject, out var handles) ? [.. handles.Where(handle => now < _sessions[handle].ExpiresAt)] : [];
        }
    }

    public IReadOnlyList<SessionHandle> ExpiredAt(DateTimeOffset now)
    {
        lock (_lock)
        {
            return [.. _sessions.Where(session => now >= session.Value.ExpiresAt).Select(static session => session.Key)];
        }
    }
}
