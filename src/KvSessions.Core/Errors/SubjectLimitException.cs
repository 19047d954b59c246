namespace KvSessions;

/// <summary>
/// The subject has the most sessions that <see cref="KvSessionsOptions.MaxSessionsPerSubject"/> allows, and new ones are refused.
/// Nothing was changed: the session is what it was before the sign-in.
/// </summary>
public sealed class SubjectLimitException : Exception
{
    internal SubjectLimitException(int maximum)
        : base($"The subject has reached the limit of {maximum} sessions (MaxSessionsPerSubject).") =>
        Maximum = maximum;

    /// <summary>The limit.</summary>
    public int Maximum { get; }
}
