using System.Net;
using System.Net.Sockets;

namespace KvSessions.TestServers.Network;

/// <summary>Finds a port that a server can keep over stops and starts.</summary>
internal static class FreePort
{
    // Below the ports that the system gives to outgoing connections (Linux: from 32768, others: from 49152), which could take it while the
    // server is down; a client could then even be connected to itself. Away from ports that well-known servers have.
    private const int First = 17_000;
    private const int End = 32_000;

    private static readonly HashSet<int> Given = [];

    public static int Find()
    {
        lock (Given)
        {
            while (true)
            {
                var port = Random.Shared.Next(First, End);
                if (IsFree(port) && Given.Add(port))
                {
                    return port;
                }
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
