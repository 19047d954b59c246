namespace KvSessions.Bench;

/// <summary>Stands in for a web server: remembers the id that it would send.</summary>
internal sealed class NoTransport : ISessionTransport
{
    public SessionId? Issued { get; private set; }

    public bool CanIssue => true;

    public void OnAccess()
    {
    }

    public void OnChange()
    {
    }

    public void Issue(SessionId id, SaveResult saved) => Issued = id;

    public void Withdraw()
    {
    }
}
