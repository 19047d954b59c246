namespace KvSessions;

/// <summary>Hears what <see cref="ISessionBackplane.ListenAsync"/> has to tell.</summary>
public interface ISessionBackplaneListener
{
    /// <summary>Every message that is published from now on is delivered, until the listening ends.</summary>
    void OnListening();

    /// <summary>A message has come in, from any node, this one included.</summary>
    /// <param name="message">The message, which is good only during the call.</param>
    void OnMessage(ReadOnlySpan<byte> message);
}
