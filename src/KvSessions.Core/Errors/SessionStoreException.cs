namespace KvSessions;

/// <summary>What is wrong with the store.</summary>
public enum SessionStoreError
{
    /// <summary>The store did not answer or refused to work. Nothing was changed.</summary>
    Unavailable,

    /// <summary>A read took longer than the operation timeout.</summary>
    TimedOut,

    /// <summary>
    /// A write took too long, or its answer was lost: it may or may not have been applied. Where it is still on its way to a server it may
    /// even be applied after a later write of the same client.
    /// </summary>
    UnknownOutcome,

    /// <summary>What is stored cannot be understood: damaged, or written by a newer version. It is left as it is.</summary>
    Corrupt,
}

/// <summary>
/// A fault of the store, as opposed to an answer: it says nothing about whether a session exists. A web request ends with
/// 503 (Service Unavailable), its cookie untouched.
/// </summary>
public sealed class SessionStoreException : Exception
{
    /// <summary>A fault of the kind <paramref name="error"/>. The message must hold no secret: no id, value or connection string.</summary>
    public SessionStoreException(SessionStoreError error, string message, Exception? innerException = null)
        : base(message, innerException) =>
        Error = error;

    /// <summary>What is wrong, which says what the caller may do: only <see cref="SessionStoreError.UnknownOutcome"/> may have changed anything.</summary>
    public SessionStoreError Error { get; }
}
