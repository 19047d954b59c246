namespace KvSessions.TestServers;

/// <summary>A server could not be found, started or reached; the message says what to do.</summary>
/// <param name="message">What happened, on one line, with the end of the server's log below it where there is one.</param>
/// <param name="inner">Its cause, if another exception is.</param>
public sealed class TestServersException(string message, Exception? inner = null) : Exception(message, inner);
