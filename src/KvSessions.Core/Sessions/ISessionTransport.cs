namespace KvSessions;

/// <summary>
/// What carries a session's id to the client and back, for one request. The ASP.NET Core package implements it with a cookie; another
/// host may implement it with whatever its clients send back.
/// </summary>
public interface ISessionTransport
{
    /// <summary>Whether an id can still reach the client. Once <see langword="false"/>, it stays so.</summary>
    bool CanIssue { get; }

    /// <summary>The session is read or changed for the first time in this request: the response depends on it.</summary>
    void OnAccess();

    /// <summary>
    /// The session has something more to save, perhaps while a save is under way: <see cref="Session.CommitAsync"/> has to be called before the client
    /// sees an answer.
    /// </summary>
    void OnChange();

    /// <summary>The client has to send <paramref name="id"/> from now on. The session is stored already.</summary>
    /// <param name="id">The secret.</param>
    /// <param name="saved">What was stored: says how long the client has to keep the id.</param>
    void Issue(SessionId id, SaveResult saved);

    /// <summary>The client has to forget the id that it has. A later <see cref="Issue"/> prevails.</summary>
    void Withdraw();
}
