namespace KvSessions.Tests;

/// <summary>The link of one node to a <see cref="FaultyBus"/>.</summary>
public sealed class BusLink : ISessionBackplane
{
    private readonly BusQueue<(ReadOnlyMemory<byte> Message, TaskCompletionSource Sent)> _up;
    private readonly BusQueue<ReadOnlyMemory<byte>> _down;
    private readonly Action<ReadOnlyMemory<byte>> _deliver;
    private TaskCompletionSource? _listening;
    private ISessionBackplaneListener? _listener;

    internal BusLink(TimeProvider clock, Action<ReadOnlyMemory<byte>> deliver)
    {
        _deliver = deliver;
        _up = new(clock, item =>
        {
            deliver(item.Message);
            item.Sent.TrySetResult();
        });
        _down = new(clock, Hear);
    }

    /// <summary>Whether publishing fails; the message is not sent.</summary>
    public bool RefusesToSend { get; set; }

    /// <summary>Whether publishing fails although the message is sent: the answer gets lost.</summary>
    public bool LosesAnswers { get; set; }

    /// <summary>Whether listening cannot be begun.</summary>
    public bool RefusesToListen { get; set; }

    /// <summary>How long a message takes to the bus, without overtaking; <see cref="Timeout.InfiniteTimeSpan"/> holds it until this changes.</summary>
    public TimeSpan DelayUp
    {
        get => _up.Delay;
        set => _up.Delay = value;
    }

    /// <summary>How long a message takes from the bus.</summary>
    public TimeSpan DelayDown
    {
        get => _down.Delay;
        set => _down.Delay = value;
    }

    /// <summary>What arrives in place of a message: nothing, twice the same, or an older one after it.</summary>
    public Func<ReadOnlyMemory<byte>, IEnumerable<ReadOnlyMemory<byte>>>? Tamper { get; set; }

    /// <summary>Whether a fault is planted, or one has left something on its way.</summary>
    public bool IsFaulty =>
        RefusesToSend || LosesAnswers || RefusesToListen || Tamper is not null || DelayUp != TimeSpan.Zero || DelayDown != TimeSpan.Zero
        || _up.Count > 0 || _down.Count > 0;

    /// <summary>Whether something is on its way to the bus.</summary>
    public bool IsSending => _up.Count > 0;

    public bool IsListening => Volatile.Read(ref _listener) is not null;

    /// <summary>How often it was listened.</summary>
    public int Listens { get; private set; }

    /// <summary>What was published, whether it was sent or not.</summary>
    public int Published { get; private set; }

    /// <summary>Drops the next message that arrives.</summary>
    public void DropNext() => Tamper = message =>
    {
        Tamper = null;
        return [];
    };

    /// <summary>Ends every fault.</summary>
    public void Heal()
    {
        (RefusesToSend, LosesAnswers, RefusesToListen, Tamper) = (false, false, false, null);
        (DelayUp, DelayDown) = (TimeSpan.Zero, TimeSpan.Zero);
    }

    /// <summary>Ends the listening as a lost connection does: what is on its way gets lost.</summary>
    public void Cut()
    {
        _down.Clear();
        Volatile.Write(ref _listener, null);
        Interlocked.Exchange(ref _listening, null)?.TrySetException(new SessionStoreException(SessionStoreError.Unavailable, "planted cut"));
    }

    public ValueTask PublishAsync(ReadOnlyMemory<byte> message, CancellationToken ct = default)
    {
        Published++;
        if (RefusesToSend)
        {
            throw new SessionStoreException(SessionStoreError.Unavailable, "planted refusal");
        }

        if (LosesAnswers)
        {
            _deliver(message);
            throw new SessionStoreException(SessionStoreError.UnknownOutcome, "planted loss");
        }

        var sent = new TaskCompletionSource();
        _up.Add((message, sent));
        return sent.Task.IsCompleted ? ValueTask.CompletedTask : new(sent.Task.WaitAsync(ct));
    }

    public async Task ListenAsync(ISessionBackplaneListener listener, CancellationToken ct = default)
    {
        Listens++;
        if (RefusesToListen)
        {
            throw new SessionStoreException(SessionStoreError.Unavailable, "planted refusal");
        }

        var listening = new TaskCompletionSource();
        _listening = listening;
        Volatile.Write(ref _listener, listener);
        listener.OnListening();
        try
        {
            await listening.Task.WaitAsync(ct).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.CompareExchange(ref _listener, null, listener);
        }
    }

    internal void Receive(ReadOnlyMemory<byte> message)
    {
        if (IsListening)
        {
            _down.Add(message);
        }
    }

    private void Hear(ReadOnlyMemory<byte> message)
    {
        foreach (var arrived in Tamper?.Invoke(message) ?? [message])
        {
            Volatile.Read(ref _listener)?.OnMessage(arrived.Span);
        }
    }
}
