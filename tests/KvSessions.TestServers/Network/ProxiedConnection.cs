using System.Net.Sockets;

namespace KvSessions.TestServers;

/// <summary>One client's connection through a <see cref="TcpProxy"/>.</summary>
internal sealed class ProxiedConnection(Socket client)
{
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Socket Client { get; } = Configured(client);

    public Socket Server { get; } = Configured(new(SocketType.Stream, ProtocolType.Tcp));

    /// <summary>Whether bytes of it have been dropped.</summary>
    public bool HasLost { get; set; }

    public Task Ended { get; set; } = Task.CompletedTask;

    /// <summary>Ends when the connection is reset or over.</summary>
    public Task Gone => _gone.Task;

    public void Reset()
    {
        // Closed with no time to linger, a connection is reset: https://man7.org/linux/man-pages/man7/socket.7.html (SO_LINGER).
        Client.Dispose();
        Server.Dispose();
        _gone.TrySetResult();
    }

    public static void HalfClose(Socket side)
    {
        try
        {
            side.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // It is gone altogether.
        }
    }

    private static Socket Configured(Socket socket)
    {
        socket.NoDelay = true;
        socket.LingerState = new(true, 0);
        return socket;
    }
}
