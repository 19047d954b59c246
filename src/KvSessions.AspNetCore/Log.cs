using Microsoft.Extensions.Logging;

namespace KvSessions.AspNetCore;

/// <summary>What the ASP.NET Core package logs.</summary>
internal static partial class Log
{
    [LoggerMessage(101, LogLevel.Error, "The session failed; the client gets {StatusCode}.")]
    public static partial void RequestFailed(this ILogger logger, int statusCode, Exception fault);

    [LoggerMessage(102, LogLevel.Information, "The session could not be used as the request wanted; the client gets {StatusCode}: {Reason}")]
    public static partial void RequestConflicted(this ILogger logger, int statusCode, string reason);

    [LoggerMessage(103, LogLevel.Warning, "The request has failed: what is changed in its session now is not saved.")]
    public static partial void ChangedAfterFailure(this ILogger logger);
}
