namespace KvSessions.AspNetCore;

/// <summary>
/// Marks an endpoint that goes on when the session store fails, instead of answering 503: it sees an empty session, and what it changes
/// is dropped with a warning in the log. For pages that are worth showing without the session; never for one that decides who may do what
/// by what is <em>not</em> in the session.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method | AttributeTargets.Delegate)]
public sealed class SessionFailOpenAttribute : Attribute;
