namespace KvSessions.Core.Tests;

/// <summary>A client that has no wire: shows what it would have been told.</summary>
internal sealed class FakeTransport : ISessionTransport
{
    public bool CanIssue { get; set; } = true;

    public int Accesses { get; private set; }

    public int Changes { get; private set; }

    public List<SessionId> Ids { get; } = [];

    public SessionId? Id { get; private set; }

    public SaveResult Saved { get; private set; }

    public bool IsWithdrawn { get; private set; }

    public void OnAccess() => Accesses++;

    public void OnChange() => Changes++;

    public void Issue(SessionId id, SaveResult saved)
    {
        Assert.True(CanIssue, "An id was issued that can reach nobody.");
        Ids.Add(id);
        (Id, Saved, IsWithdrawn) = (id, saved, false);
    }

    public void Withdraw() => (Id, IsWithdrawn) = (null, true);
}
