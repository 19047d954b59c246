namespace KvSessions.Tests.Crash;

/// <summary>How a write ended, as far as the client knows.</summary>
internal enum WriteOutcome
{
    /// <summary>Acknowledged: from now on it has to be there.</summary>
    Applied,

    /// <summary>There was no such session.</summary>
    Gone,

    /// <summary>It had another version, or the new handle was taken.</summary>
    Conflict,

    /// <summary>The store failed, and said that nothing was changed.</summary>
    Refused,

    /// <summary>The store failed, and left open whether something was changed.</summary>
    Unknown,
}

/// <summary>The answer to a write, as it is reported when it has come.</summary>
/// <param name="Number">Which call it answers.</param>
/// <param name="Outcome">How the call ended.</param>
internal sealed record WriteAnswer(long Number, WriteOutcome Outcome)
{
    /// <summary>The session's version and the time it was last seen, where the store said so.</summary>
    public long? Version { get; init; }

    public DateTimeOffset? LastSeenAt { get; init; }

    public static WriteAnswer Of(long number, SaveResult result) =>
        result.Status switch
        {
            SaveStatus.Saved => new(number, WriteOutcome.Applied) { Version = result.Version, LastSeenAt = result.LastSeenAt },
            SaveStatus.Gone => new(number, WriteOutcome.Gone),
            _ => new(number, WriteOutcome.Conflict),
        };

    public override string ToString() => Version is null ? $"{Outcome}" : $"{Outcome} v{Version}";
}
