namespace KvSessions;

/// <summary>Some of the sessions that were asked for.</summary>
/// <param name="Records">The records; there may be none on a page that is not the last.</param>
/// <param name="Continuation">What to ask for the next page with; <see langword="null"/> on the last.</param>
public sealed record SessionPage(IReadOnlyList<SessionRecord> Records, string? Continuation);
