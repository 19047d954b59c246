namespace KvSessions.Stores.Postgres;

/// <summary>A statement whose caller has gone: it is left to end by itself, and cancelled if it does not.</summary>
/// <remarks>
/// Npgsql asks the server to stop by way of another connection. The thread that cancels waits until the server has taken note, and a
/// statement that ends meanwhile waits for that thread, on one of the pool
/// (https://github.com/npgsql/npgsql/blob/v10.0.3/src/Npgsql/Internal/NpgsqlConnector.cs, <c>PerformPostgresCancellation</c> and
/// <c>ResetCancellation</c>). Where a server hangs or the network is slow, cancelling every call that was given up would hold the threads
/// of the pool, and soon nothing in the process would end in time any more. So a statement is given longer than any network takes, which
/// is long only for one that waits for a lock; and what cancels has a thread of its own, of which there are never more than connections.
/// </remarks>
internal static class AbandonedStatement
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>Waits for the statement, whatever comes of it, and cancels it when the grace period is over.</summary>
    /// <param name="statement">The statement, with its connection.</param>
    /// <param name="cancellation">Whose token the driver has. It has no timer, so that it need not be disposed.</param>
    /// <param name="clock">Counts the grace period.</param>
    public static async Task EndAsync(Task statement, CancellationTokenSource cancellation, TimeProvider clock)
    {
        await statement.WaitAsync(Grace, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!statement.IsCompleted)
        {
            _ = Task.Factory.StartNew(
                static cancellation => ((CancellationTokenSource)cancellation!).Cancel(),
                cancellation,
                CancellationToken.None,
                TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
                TaskScheduler.Default);
            await statement.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
