namespace KvSessions.Tests;

/// <summary>What a store is asked to do. A touch is a save that nobody waits for, so it counts apart.</summary>
public enum StoreVerb
{
    Load,
    LoadVersion,
    Create,
    Save,
    Touch,
    Delete,
    Renew,
    Admit,
    FindBySubject,
    DeleteBySubject,
    DeleteExpired,
}

/// <summary>One call of a store.</summary>
public sealed record StoreCall(StoreVerb Verb, SessionHandle? Handle = null, SessionChanges? Changes = null)
{
    public override string ToString() => Verb.ToString();
}
