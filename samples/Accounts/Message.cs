using KvSessions;

namespace Accounts;

/// <summary>Something to tell the visitor on the next page they see, once.</summary>
internal sealed record Message(string Text, bool IsProblem = false)
{
    public static readonly SessionKey<Message> Key = new("message", Stored.Default.Message);
}
