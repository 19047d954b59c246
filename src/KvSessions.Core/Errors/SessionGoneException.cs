namespace KvSessions;

/// <summary>
/// The session was there when the request read it and has ended since (deleted, revoked, renewed or expired), so what the request
/// changed could not be stored. Nothing brings an ended session back; a web request ends with 409 (Conflict).
/// </summary>
public sealed class SessionGoneException : Exception
{
    internal SessionGoneException()
        : base("The session ended while the request was using it; what the request changed was not stored.")
    {
    }
}
