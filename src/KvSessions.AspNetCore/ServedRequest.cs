namespace KvSessions.AspNetCore;

/// <summary>Which request a scope of services serves. The scopes that a request takes its services from are told; others serve none.</summary>
internal sealed class ServedRequest
{
    public RequestSession? Session { get; set; }
}
