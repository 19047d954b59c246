namespace KvSessions;

/// <summary>
/// Carries small messages to all nodes of an application, the one that sends them included. It knows nothing of what they say: which of
/// them got lost, came twice or too late is found out by those who use it.
/// </summary>
/// <remarks>
/// A backplane is a singleton, safe for concurrent use. It delivers a message at most as often as it likes, and preferably once; it need
/// not keep any for a node that is not listening. Two things are asked of it: a message that was published when the last one had been
/// (<see cref="PublishAsync"/> had returned) does not overtake it on the way to one listener, and all listeners get the messages of all
/// nodes in one order. Where it cannot promise that (a cluster that changes its members), it ends <see cref="ListenAsync"/>.
/// </remarks>
public interface ISessionBackplane
{
    /// <summary>The longest message in bytes: 4,096.</summary>
    const int MaxMessageLength = 4096;

    /// <summary>Sends a message to every node that is listening.</summary>
    /// <param name="message">The message, from 1 to <see cref="MaxMessageLength"/> bytes; it is not changed afterwards.</param>
    /// <param name="ct">
    /// Cancels the call (<see cref="OperationCanceledException"/>); the message may be delivered all the same, even later.
    /// </param>
    /// <returns>A task that ends when the message is at the service that delivers it, so that a later one comes after it.</returns>
    /// <exception cref="SessionStoreException">The message may not have been sent. It may be delivered all the same.</exception>
    ValueTask PublishAsync(ReadOnlyMemory<byte> message, CancellationToken ct = default);

    /// <summary>
    /// Listens until the connection is lost, or until it is cancelled. It does not connect again by itself: whoever calls it does so by
    /// calling it again, and knows by that that messages may have been missed.
    /// </summary>
    /// <param name="listener">
    /// Is told once that from now on every message is delivered, and then of each message, one after the other, in the order in which they
    /// came in. Its methods return soon and throw nothing.
    /// </param>
    /// <param name="ct">Ends the listening with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>A task that never ends but with an exception.</returns>
    /// <exception cref="SessionStoreException">It could not be connected to, or the connection is lost (<see cref="SessionStoreError.Unavailable"/>).</exception>
    Task ListenAsync(ISessionBackplaneListener listener, CancellationToken ct = default);
}
