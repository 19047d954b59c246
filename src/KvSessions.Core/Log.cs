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

    [LoggerMessage(30, LogLevel.Information, "The backplane is trusted: every write of another node reaches this one.")]
    public static partial void TrustGained(this ILogger logger);

    [LoggerMessage(31, LogLevel.Warning, "The backplane is not trusted: another node or this one is cut off, or slow. Cached sessions live as short as without a backplane.")]
    public static partial void TrustLost(this ILogger logger);

    [LoggerMessage(32, LogLevel.Warning, "Listening to the backplane has ended; it will be tried again.")]
    public static partial void ListeningEnded(this ILogger logger, Exception? fault);

    [LoggerMessage(33, LogLevel.Warning, "This node listens to the backplane, and none of its own messages comes back; it will listen anew. A proxy that pools transactions does not let PostgreSQL notify.")]
    public static partial void Deaf(this ILogger logger);

    [LoggerMessage(34, LogLevel.Warning, "The backplane does not take messages. The other nodes will not trust this one until it does; it will be tried again.")]
    public static partial void PublishingFails(this ILogger logger, Exception? fault);

    [LoggerMessage(35, LogLevel.Information, "The backplane takes messages again.")]
    public static partial void PublishingWorks(this ILogger logger);

    [LoggerMessage(36, LogLevel.Warning, "A message of {Length} bytes on the backplane cannot be read: a node of another version, or somebody else. The backplane is not trusted for an hour.")]
    public static partial void UnreadableMessage(this ILogger logger, int length);
}
