namespace KvSessions;

/// <summary>What a record that is held becomes by a save that the store has accepted.</summary>
internal static class SavedRecord
{
    /// <summary>
    /// What the store holds now, if <paramref name="held"/> was what it held before; else <see langword="null"/>: others have changed it, and
    /// nobody knows how.
    /// </summary>
    public static SessionRecord? Next(SessionRecord held, SessionChanges changes, SaveResult result)
    {
        var version = changes.IsTouch ? held.Version : held.Version + 1;
        return result.Version != version
            ? null
            : held with
            {
                Version = result.Version,
                LastSeenAt = held.LastSeenAt > result.LastSeenAt ? held.LastSeenAt : result.LastSeenAt,
                Expiry = result.Expiry!,
                Values = held.Values.With(changes),
            };
    }
}
