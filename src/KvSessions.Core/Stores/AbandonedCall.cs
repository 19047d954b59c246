namespace KvSessions;

/// <summary>A call whose caller no longer waits for it.</summary>
internal static class AbandonedCall
{
    /// <summary>
    /// Cancels a call that still goes on. A driver that heeds the token stops working for nobody; one that does not, or that hangs even then,
    /// is left behind, and its end is observed.
    /// </summary>
    /// <param name="call">The call; <see langword="null"/> if it has not come to one.</param>
    /// <param name="abandon">The source of the call's token, which is disposed when the call has ended.</param>
    public static void End(Task? call, CancellationTokenSource abandon)
    {
        if (call is null or { IsCompleted: true })
        {
            abandon.Dispose();
        }
        else
        {
            _ = EndAsync(call, abandon);
        }
    }

    private static async Task EndAsync(Task call, CancellationTokenSource abandon)
    {
        await abandon.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await call.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        abandon.Dispose();
    }
}
