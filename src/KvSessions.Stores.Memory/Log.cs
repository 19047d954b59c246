using Microsoft.Extensions.Logging;

namespace KvSessions.Stores.Memory;

/// <summary>What the stores in memory log.</summary>
internal static partial class Log
{
    [LoggerMessage(
        1,
        LogLevel.Warning,
        "The memory store is full: MaxSessions is {MaxSessions}. Live sessions were ended to make room: {Anonymous} anonymous and {SignedIn} signed in.")]
    public static partial void Evicted(this ILogger logger, int maxSessions, int anonymous, int signedIn);
}
