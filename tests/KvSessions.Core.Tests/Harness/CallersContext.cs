namespace KvSessions.Core.Tests;

/// <summary>A thread of a caller's own, to which what it awaits comes back.</summary>
internal sealed class CallersContext : SynchronizationContext
{
    private volatile bool _wasReturnedTo;

    /// <summary>Calls in such a context, and lets go of what the call waits for when it has given its caller a task.</summary>
    /// <returns>Whether the context was returned to.</returns>
    public static async Task<bool> IsReturnedToAsync(Func<Task> call, Action letGo)
    {
        var (context, before) = (new CallersContext(), Current);
        SetSynchronizationContext(context);
        Task called;
        try
        {
            called = call();
        }
        finally
        {
            SetSynchronizationContext(before);
        }

        letGo();
        await called;
        return context._wasReturnedTo;
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        _wasReturnedTo = true;
        base.Post(d, state);
    }
}
