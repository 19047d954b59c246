using System.Threading.Channels;

namespace KvSessions.Stores.Memory;

/// <summary>Takes calls from everywhere and answers them one after the other.</summary>
internal sealed class Mailbox : IAsyncDisposable
{
    public const int Capacity = 1024;

    private readonly Channel<Message> _messages =
        Channel.CreateBounded<Message>(new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly TimeSpan _replyTimeout;
    private readonly TimeProvider _clock;
    private readonly Task _reader;
    private volatile bool _isClosed;

    public Mailbox(TimeSpan replyTimeout, TimeProvider clock)
    {
        _replyTimeout = replyTimeout;
        _clock = clock;
        _reader = Task.Run(() => ReadAsync(new ActorState(clock)));
    }

    /// <summary>Posts a call and waits for its reply.</summary>
    /// <param name="call">The call.</param>
    /// <param name="whenLate">What a reply that does not come in time means: a read can be repeated, a write may still happen.</param>
    /// <param name="ct">Ends the wait; the call may still happen.</param>
    public async ValueTask<TReply> AskAsync<TReply>(Func<ActorState, TReply> call, SessionStoreError whenLate, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var message = new Message<TReply>(call);
        if (!_messages.Writer.TryWrite(message))
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(ActorStore));
            throw new SessionStoreException(SessionStoreError.Unavailable, $"The actor store has {Capacity} calls waiting and takes no more.");
        }

        try
        {
            return await message.Reply.WaitAsync(_replyTimeout, _clock, ct).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new SessionStoreException(whenLate, $"The actor store did not reply within {_replyTimeout}.");
        }
    }

    /// <summary>Takes no more calls, and answers those that wait.</summary>
    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        _messages.Writer.TryComplete();
        await _reader.ConfigureAwait(false);
    }

    private async Task ReadAsync(ActorState state)
    {
        await foreach (var message in _messages.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            message.Answer(state);
        }
    }
}
