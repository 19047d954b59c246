namespace KvSessions;

/// <summary>What happens when a subject signs in once more than allowed.</summary>
public enum SubjectLimitRule
{
    /// <summary>The subject's oldest sessions (by <see cref="SessionRecord.CreatedAt"/>) end to make room.</summary>
    EvictOldest,

    /// <summary>The sign-in is refused, and nothing changes.</summary>
    RefuseNewest,
}

/// <summary>How many sessions a subject may have at once.</summary>
/// <param name="Maximum">The most live sessions, at least 1.</param>
/// <param name="Rule">What happens to one more.</param>
public sealed record SubjectLimit(int Maximum, SubjectLimitRule Rule)
{
    /// <summary>
    /// Decides, for stores that do so in memory, which sessions have to go so that one more fits.
    /// </summary>
    /// <param name="others">The subject's live sessions, without the one that is renewed. Their values are not looked at and may be left out.</param>
    /// <param name="evicted">The sessions that have to end; none when refused.</param>
    /// <returns><see langword="false"/> when the new session is refused.</returns>
    public bool TryMakeRoom(IReadOnlyCollection<SessionRecord> others, out IReadOnlyList<SessionHandle> evicted)
    {
        ArgumentNullException.ThrowIfNull(others);
        var surplus = others.Count + 1 - Maximum;
        if (surplus <= 0 || Rule == SubjectLimitRule.RefuseNewest)
        {
            evicted = [];
            return surplus <= 0;
        }

        evicted = [.. others.OrderBy(static r => r.CreatedAt).ThenBy(static r => r.Handle).Take(surplus).Select(static r => r.Handle)];
        return true;
    }
}
