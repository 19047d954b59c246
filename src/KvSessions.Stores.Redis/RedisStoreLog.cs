using System.Net;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace KvSessions.Stores.Redis;

/// <summary>What the store logs: never an id, a subject, a value or a password.</summary>
internal static partial class RedisStoreLog
{
    [LoggerMessage(1, LogLevel.Warning, "The connection to the Redis server {Server} is lost ({Failure}).")]
    public static partial void ConnectionLost(ILogger logger, Exception? exception, EndPoint? server, ConnectionFailureType failure);

    [LoggerMessage(2, LogLevel.Information, "The connection to the Redis server {Server} is back.")]
    public static partial void ConnectionRestored(ILogger logger, EndPoint? server);

    [LoggerMessage(3, LogLevel.Warning, "The roles of the Redis servers could not be looked up; it will be tried again.")]
    public static partial void RefreshFailed(ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Warning, "The Redis server {Server} may evict sessions, and indexes of subjects, when its memory is full: its maxmemory-policy is {Policy}. Set it to noeviction.")]
    public static partial void MayEvict(ILogger logger, EndPoint server, string policy);

    [LoggerMessage(5, LogLevel.Warning, "The Redis server {Server} keeps nothing on disk: sessions are lost when it restarts. Set appendonly to yes, or save.")]
    public static partial void NotPersistent(ILogger logger, EndPoint server);

    [LoggerMessage(6, LogLevel.Information, "The Redis server {Server} does not let its persistence be looked up; make sure that it has some.")]
    public static partial void PersistenceUnknown(ILogger logger, EndPoint server);

    [LoggerMessage(7, LogLevel.Warning, "The Redis servers could not be checked; it will be tried again.")]
    public static partial void CheckFailed(ILogger logger, Exception? exception);

    [LoggerMessage(8, LogLevel.Error, "Sessions cannot be kept on these servers. {Objection}")]
    public static partial void Refused(ILogger logger, string objection);
}
