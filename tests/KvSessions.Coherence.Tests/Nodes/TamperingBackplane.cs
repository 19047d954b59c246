namespace KvSessions.Coherence.Tests.Nodes;

/// <summary>A real backplane that drops, repeats or reorders some of what comes in.</summary>
internal sealed class TamperingBackplane(ISessionBackplane inner) : ISessionBackplane
{
    private volatile Tampering _tampering;

    public Tampering Tampering
    {
        get => _tampering;
        set => _tampering = value;
    }

    public ValueTask PublishAsync(ReadOnlyMemory<byte> message, CancellationToken ct = default) => inner.PublishAsync(message, ct);

    public Task ListenAsync(ISessionBackplaneListener listener, CancellationToken ct = default) =>
        inner.ListenAsync(new Listener(this, listener), ct);

    private sealed class Listener(TamperingBackplane owner, ISessionBackplaneListener listener) : ISessionBackplaneListener
    {
        private byte[]? _kept;

        public void OnListening() => listener.OnListening();

        public void OnMessage(ReadOnlySpan<byte> message)
        {
            var isHit = Random.Shared.Next(3) == 0;
            switch (owner.Tampering)
            {
                case Tampering.Drop when isHit:
                    return;

                case Tampering.Repeat when isHit:
                    listener.OnMessage(message);
                    break;

                case Tampering.Reorder when _kept is null && isHit:
                    _kept = message.ToArray();
                    return;
            }

            listener.OnMessage(message);
            if (_kept is { } older)
            {
                _kept = null;
                listener.OnMessage(older);
            }
        }
    }
}
