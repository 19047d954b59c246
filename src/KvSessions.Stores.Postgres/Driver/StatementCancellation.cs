namespace KvSessions.Stores.Postgres;

/// <summary>Passes a cancellation on to the driver, on a thread of its own.</summary>
/// <remarks>
/// Npgsql asks the server to stop by way of another connection, and the thread that cancels waits until the server has taken note
/// (https://github.com/npgsql/npgsql/blob/v10.0.3/src/Npgsql/Internal/NpgsqlConnector.cs, <c>DoCancelRequest</c>). While a server hangs,
/// every call that was given up would hold a thread of the pool, and soon nothing in the process would end in time any more. There are
/// never more of these threads than connections.
/// </remarks>
internal static class StatementCancellation
{
    /// <summary>Cancels <paramref name="target"/> when <paramref name="ct"/> is cancelled, until the registration is disposed.</summary>
    /// <param name="target">Whose token the driver has. It has no timer, so that it need not be disposed, and cannot be while it cancels.</param>
    /// <param name="ct">The token of the caller.</param>
    public static CancellationTokenRegistration Forward(CancellationTokenSource target, CancellationToken ct) =>
        ct.UnsafeRegister(
            static target => Task.Factory.StartNew(
                static target => ((CancellationTokenSource)target!).Cancel(),
                target,
                CancellationToken.None,
                TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
                TaskScheduler.Default),
            target);
}
