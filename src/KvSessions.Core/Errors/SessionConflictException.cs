namespace KvSessions;

/// <summary>
/// An atomic change found a newer version of the session each time it tried, and gave up. Nothing was changed; a web request ends
/// with 409 (Conflict).
/// </summary>
public sealed class SessionConflictException : Exception
{
    internal SessionConflictException(int attempts)
        : base($"The session was changed by others during each of {attempts} attempts to change it.")
    {
    }
}
