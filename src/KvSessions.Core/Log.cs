using Microsoft.Extensions.Logging;

namespace KvSessions;

/// <summary>What Core logs. Handles may be logged; ids, values and subjects never are.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Session {Handle} could not be touched; its next request tries again.")]
    public static partial void TouchFailed(this ILogger logger, SessionHandle handle, Exception fault);

    [LoggerMessage(2, LogLevel.Warning, "The session store failed; the endpoint fails open and goes on without a session.")]
    public static partial void FailedOpen(this ILogger logger, Exception fault);

    [LoggerMessage(3, LogLevel.Debug, "Session {Handle} was created.")]
    public static partial void Created(this ILogger logger, SessionHandle handle);

    [LoggerMessage(4, LogLevel.Debug, "Session {OldHandle} was renewed as {NewHandle}.")]
    public static partial void Renewed(this ILogger logger, SessionHandle oldHandle, SessionHandle newHandle);

    [LoggerMessage(5, LogLevel.Debug, "Session {Handle} was deleted.")]
    public static partial void Deleted(this ILogger logger, SessionHandle handle);

    [LoggerMessage(6, LogLevel.Debug, "Swept {Count} expired sessions.")]
    public static partial void Swept(this ILogger logger, long count);

    [LoggerMessage(7, LogLevel.Error, "The sweep of expired sessions failed; the next one tries again.")]
    public static partial void SweepFailed(this ILogger logger, Exception fault);

    [LoggerMessage(8, LogLevel.Information, "Ended sessions of one subject: {Count}.")]
    public static partial void EndedBySubject(this ILogger logger, int count);
}
