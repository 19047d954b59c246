namespace KvSessions.Stores.Memory;

/// <summary>Which sessions a subject has, in order of their handles, so that paging has a place to go on from. Not safe for concurrent use.</summary>
internal sealed class SubjectIndex
{
    private readonly Dictionary<string, SortedSet<SessionHandle>> _handles = new(StringComparer.Ordinal);

    public int SubjectCount => _handles.Count;

    public void Add(SessionRecord record)
    {
        if (record.Subject is not { } subject)
        {
            return;
        }

        if (!_handles.TryGetValue(subject, out var handles))
        {
            _handles.Add(subject, handles = []);
        }

        handles.Add(record.Handle);
    }

    public void Remove(SessionRecord record)
    {
        if (record.Subject is { } subject
            && _handles.TryGetValue(subject, out var handles)
            && handles.Remove(record.Handle)
            && handles.Count == 0)
        {
            _handles.Remove(subject);
        }
    }

    /// <summary>The handles at this moment, to go through while the index changes.</summary>
    public SessionHandle[] Of(string subject) => _handles.TryGetValue(subject, out var handles) ? [.. handles] : [];

    /// <summary>Reads a page; <paramref name="live"/> gives the record of a handle, or <see langword="null"/> for one that does not count.</summary>
    public SessionPage Page(string subject, int pageSize, SessionHandle? after, Func<SessionHandle, SessionRecord?> live)
    {
        var records = new List<SessionRecord>();
        foreach (var handle in After(subject, after))
        {
            if (live(handle) is not { } record)
            {
                continue;
            }

            if (records.Count == pageSize)
            {
                return new SessionPage(records, records[^1].Handle.ToString());
            }

            records.Add(record);
        }

        return new SessionPage(records, null);
    }

    /// <summary>Where a page ended, as <see cref="SessionPage.Continuation"/> has it.</summary>
    public static SessionHandle? ParseContinuation(string? continuation) =>
        continuation is null ? null
        : SessionHandle.TryParse(continuation, out var handle) ? handle
        : throw new ArgumentException("This is not the continuation of a page.", nameof(continuation));

    private IEnumerable<SessionHandle> After(string subject, SessionHandle? after)
    {
        if (!_handles.TryGetValue(subject, out var handles))
        {
            return [];
        }

        return after is not { } place ? handles
            : place >= handles.Max ? []
            : handles.GetViewBetween(place, handles.Max).Where(handle => handle != place);
    }
}
