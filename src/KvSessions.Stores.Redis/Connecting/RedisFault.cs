using StackExchange.Redis;

namespace KvSessions.Stores.Redis;

/// <summary>What a failure of the driver or the server means to the caller of a store.</summary>
/// <remarks>
/// The driver's exceptions may name keys; those hold handles and hashes of subjects, and never an id, a subject or a value.
/// </remarks>
internal static class RedisFault
{
    // What a script met before it changed anything. Redis 6 quotes the error in one of its own; the last is what a server says that is
    // handing over a slot.
    private static readonly string[] Refusals = ["-OOM ", "-READONLY ", "-MISCONF ", "-NOREPLICAS ", "non local key"];

    public static bool IsFault(Exception exception, CancellationToken ct) =>
        exception is RedisException or RedisTimeoutException or RedisCommandException or ObjectDisposedException
        || (exception is OperationCanceledException && !ct.IsCancellationRequested);

    public static SessionStoreException ToStoreException(Exception exception, bool isWrite)
    {
        var (error, message) = exception switch
        {
            RedisServerException refused => OfServer(refused, isWrite),
            RedisTimeoutException late => late.Commandstatus is CommandStatus.WaitingInBacklog or CommandStatus.WaitingToBeSent
                ? (SessionStoreError.Unavailable, "Redis could not be sent a command in time.")
                : (isWrite ? SessionStoreError.UnknownOutcome : SessionStoreError.TimedOut, "Redis did not answer in time."),
            RedisConnectionException lost => OfConnection(lost, isWrite),

            // Refused by the driver before anything was sent: no master is known, too many arguments, a command that is disabled.
            RedisCommandException => (SessionStoreError.Unavailable, "The Redis driver refused to send a command."),
            ObjectDisposedException => (SessionStoreError.Unavailable, "The connection to Redis has been disposed."),
            _ => (Ambiguous(isWrite), "The connection to Redis failed."),
        };
        return new SessionStoreException(error, message, exception);
    }

    /// <summary>Whether the server that was asked is no longer the one to ask, so that the driver should look for the new one now.</summary>
    public static bool IsAboutTopology(Exception exception) =>
        exception is RedisCommandException
        or RedisConnectionException { FailureType: ConnectionFailureType.UnableToResolvePhysicalConnection }
        or RedisServerException { Kind: RedisErrorKind.ReadOnly or RedisErrorKind.MasterDown or RedisErrorKind.ClusterDown }
        || (exception is RedisServerException { Kind: RedisErrorKind.UnknownError } error && error.Message.Contains("-READONLY ", StringComparison.Ordinal));

    // Only what the server says before it runs anything is a promise that nothing has changed; a script's first write is one that a
    // server that takes no writes, or that is full, refuses.
    private static (SessionStoreError Error, string Message) OfServer(RedisServerException exception, bool isWrite) =>
        exception.Kind switch
        {
            RedisErrorKind.OutOfMemory => (SessionStoreError.Unavailable, "Redis is full (maxmemory) and refuses writes."),
            RedisErrorKind.Loading => (SessionStoreError.Unavailable, "Redis is loading its data."),
            RedisErrorKind.ReadOnly => (SessionStoreError.Unavailable, "The Redis server is a replica and refuses writes."),
            RedisErrorKind.MasterDown => (SessionStoreError.Unavailable, "The Redis server is a replica that has lost its master."),
            RedisErrorKind.ClusterDown => (SessionStoreError.Unavailable, "The Redis Cluster is down, or nobody serves the slot of the session."),
            RedisErrorKind.TryAgain or RedisErrorKind.Moved or RedisErrorKind.Ask or RedisErrorKind.UnknownRedirectTarget =>
                (SessionStoreError.Unavailable, "A slot of the Redis Cluster is being moved."),
            RedisErrorKind.NoReplicas => (SessionStoreError.Unavailable, "Redis has too few replicas (min-replicas-to-write) and refuses writes."),
            RedisErrorKind.Misconfigured => (SessionStoreError.Unavailable, "Redis cannot write to its disk and refuses writes."),
            RedisErrorKind.Busy => (SessionStoreError.Unavailable, "Redis is busy with a script."),
            RedisErrorKind.MaxClients => (SessionStoreError.Unavailable, "Redis has too many clients (maxclients)."),
            RedisErrorKind.NoAuth or RedisErrorKind.WrongPass => (SessionStoreError.Unavailable, "Redis does not accept the user and the password."),
            RedisErrorKind.NoPermission =>
                (Ambiguous(isWrite), "The Redis user lacks a right: it needs its keys, and the commands that the documentation of this store lists."),
            RedisErrorKind.CrossSlot => (SessionStoreError.Unavailable, "The keys of a session are in several slots of a Redis Cluster."),
            RedisErrorKind.UnknownCommand => (SessionStoreError.Unavailable, "The server lacks a command: this store needs hashes, sorted sets and Lua scripts."),
            RedisErrorKind.WrongType => (SessionStoreError.Corrupt, "There is something else under the key of a session or of an index."),
            RedisErrorKind.UnknownError when Array.Exists(Refusals, refusal => exception.Message.Contains(refusal, StringComparison.Ordinal)) =>
                (SessionStoreError.Unavailable, "Redis refuses writes, or is handing over a slot."),
            _ => (Ambiguous(isWrite), "Redis answered with an error."),
        };

    private static (SessionStoreError Error, string Message) OfConnection(RedisConnectionException exception, bool isWrite)
    {
        var isUnsent = exception.CommandStatus is CommandStatus.WaitingInBacklog or CommandStatus.WaitingToBeSent
            || exception.FailureType is ConnectionFailureType.UnableToConnect
                or ConnectionFailureType.AuthenticationFailure
                or ConnectionFailureType.UnableToResolvePhysicalConnection;
        return isUnsent
            ? (SessionStoreError.Unavailable, "There is no connection to Redis.")
            : (Ambiguous(isWrite), "The connection to Redis was lost before it answered.");
    }

    private static SessionStoreError Ambiguous(bool isWrite) => isWrite ? SessionStoreError.UnknownOutcome : SessionStoreError.Unavailable;
}
