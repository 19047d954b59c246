namespace KvSessions.Tests.Crash;

/// <summary>What a store holds of one session: by what was reported, or as it was found.</summary>
internal sealed record SessionState(
    SessionHandle Handle, long Version, string? Subject, IReadOnlyDictionary<string, string> Values, DateTimeOffset LastSeenAt)
{
    public static SessionState Of(SessionRecord record) =>
        new(
            record.Handle,
            record.Version,
            record.Subject,
            record.Values.ToDictionary(static entry => entry.Key, static entry => SizedValue.NameOf(entry.Value)),
            record.LastSeenAt);

    /// <summary>What a call does to the session that is in the state <paramref name="before"/>; <see langword="null"/> is no session.</summary>
    public static (WriteOutcome Outcome, SessionState? After) Apply(SessionState? before, WriteCall call)
    {
        if (call.Verb == WriteVerb.Create)
        {
            return before is null
                ? (WriteOutcome.Applied, new(call.Handle, 1, call.Subject, call.Sets ?? new Dictionary<string, string>(), default))
                : (WriteOutcome.Conflict, before);
        }

        if (before is null || before.Handle != call.Handle)
        {
            return (WriteOutcome.Gone, before);
        }

        if (call.ExpectedVersion is { } expected && expected != before.Version)
        {
            return (WriteOutcome.Conflict, before);
        }

        var after = call.Verb switch
        {
            WriteVerb.Save => before with { Version = before.Version + 1, Values = before.Change(call) },
            WriteVerb.Renew => before with { Handle = call.Renewed!.Value, Version = before.Version + 1, Subject = call.Subject },
            WriteVerb.Touch => before,
            _ => null,
        };
        return (WriteOutcome.Applied, after);
    }

    /// <summary>Whether this, expected, is what <paramref name="found"/> is. A session cannot have been seen last before it was seen.</summary>
    public bool IsAlso(SessionState found) =>
        (Handle, Version, Subject) == (found.Handle, found.Version, found.Subject)
        && LastSeenAt <= found.LastSeenAt
        && Values.Count == found.Values.Count
        && Values.All(entry => found.Values.GetValueOrDefault(entry.Key) == entry.Value);

    public override string ToString() =>
        $"{Handle} v{Version} of {Subject ?? "nobody"} seen {LastSeenAt:HH:mm:ss.fffffff} "
        + $"{{{string.Join(' ', Values.OrderBy(static entry => entry.Key, StringComparer.Ordinal).Select(static entry => $"{entry.Key}={entry.Value}"))}}}";

    private Dictionary<string, string> Change(WriteCall call)
    {
        var values = call.Clears ? [] : new Dictionary<string, string>(Values);
        foreach (var key in call.Removes ?? [])
        {
            values.Remove(key);
        }

        foreach (var (key, value) in call.Sets ?? new Dictionary<string, string>())
        {
            values[key] = value;
        }

        return values;
    }
}
