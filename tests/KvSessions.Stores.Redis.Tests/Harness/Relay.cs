using System.Net;
using System.Net.Sockets;

namespace KvSessions.Stores.Redis.Tests;

/// <summary>A TCP relay to the server: while it is cut, the server is out of reach for whoever goes by it.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly string _host;
    private readonly int _port;
    private readonly List<TcpClient> _open = [];
    private readonly Lock _gate = new();
    private TcpListener _listener;
    private Task _accepting;

    public Relay(string endpoint)
    {
        var colon = endpoint.LastIndexOf(':');
        (_host, _port) = (endpoint[..colon], int.Parse(endpoint.AsSpan(colon + 1), provider: null));
        _listener = new TcpListener(IPAddress.Loopback, 0);
        _listener.Start();
        _accepting = AcceptAsync(_listener);
    }

    public string Endpoint => $"127.0.0.1:{Port}";

    private int Port => field != 0 ? field : field = ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async Task CutAsync()
    {
        _ = Port;
        _listener.Stop();
        await _accepting;
        lock (_gate)
        {
            _open.ForEach(static client => client.Dispose());
            _open.Clear();
        }
    }

    public void Mend()
    {
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _accepting = AcceptAsync(_listener);
    }

    public async ValueTask DisposeAsync() => await CutAsync();

    private async Task AcceptAsync(TcpListener listener)
    {
        while (true)
        {
            TcpClient near;
            try
            {
                near = await listener.AcceptTcpClientAsync();
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }

            var far = new TcpClient { NoDelay = true };
            near.NoDelay = true;
            await far.ConnectAsync(_host, _port);
            lock (_gate)
            {
                _open.AddRange([near, far]);
            }

            _ = PumpAsync(near, far);
            _ = PumpAsync(far, near);
        }
    }

    private static async Task PumpAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream());
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut, or closed by one of the two ends.
        }

        from.Dispose();
        to.Dispose();
    }
}
