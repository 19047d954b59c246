namespace KvSessions.Stores.Memory;

/// <summary>A call that waits for its turn.</summary>
internal abstract class Message
{
    /// <summary>Answers the caller. A call that fails is the caller's affair: it never throws here.</summary>
    public abstract void Answer(ActorState state);
}

/// <summary>A call whose reply is a <typeparamref name="TReply"/>.</summary>
internal sealed class Message<TReply>(Func<ActorState, TReply> call) : Message
{
    // The caller goes on elsewhere, else it would do its work in the reader of the mailbox.
    private readonly TaskCompletionSource<TReply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TReply> Reply => _reply.Task;

    public override void Answer(ActorState state)
    {
        try
        {
            _reply.SetResult(call(state));
        }
        catch (Exception fault)
        {
            _reply.SetException(fault);
        }
    }
}
