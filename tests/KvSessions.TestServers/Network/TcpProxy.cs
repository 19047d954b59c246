using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace KvSessions.TestServers;

/// <summary>A proxy on loopback before a server, that does to connections what bad networks do.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private readonly string _address;
    private readonly int _port;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<ProxiedConnection, bool> _connections = new();
    private readonly Lock _gate = new();
    private TcpListener? _listener;
    private Task _accepting = Task.CompletedTask;
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Forwarding _toServer;
    private Forwarding _toClient;
    private TimeSpan _delay;
    private long _connectionsAccepted;
    private long _bytesToServer;
    private long _bytesToClient;
    private long _bytesDropped;

    private TcpProxy(string address, int port)
    {
        _address = address;
        _port = port;
        Port = Network.FreePort.Find();
        Listen();
    }

    /// <summary>The port of 127.0.0.1 that clients connect to. It stays the same over <see cref="Refuse"/> and <see cref="Heal"/>.</summary>
    public int Port { get; }

    /// <summary>What happens to requests. Default: <see cref="Forwarding.On"/>.</summary>
    public Forwarding ToServer
    {
        get => _toServer;
        set => Change(() => _toServer = value);
    }

    /// <summary>What happens to replies. Dropped, the server has applied what the client will never hear of. Default: <see cref="Forwarding.On"/>.</summary>
    public Forwarding ToClient
    {
        get => _toClient;
        set => Change(() => _toClient = value);
    }

    /// <summary>How long each piece of data is kept back, in either direction. Default: zero.</summary>
    public TimeSpan Delay
    {
        get => _delay;
        set => Change(() => _delay = value);
    }

    /// <summary>How many connections are open.</summary>
    public int OpenConnections => _connections.Count;

    /// <summary>How many connections have been accepted so far.</summary>
    public long Connections => Interlocked.Read(ref _connectionsAccepted);

    /// <summary>How many bytes have gone on to the server so far.</summary>
    public long BytesToServer => Interlocked.Read(ref _bytesToServer);

    /// <summary>How many bytes have gone on to clients so far.</summary>
    public long BytesToClient => Interlocked.Read(ref _bytesToClient);

    /// <summary>How many bytes have been dropped so far: a test that waits for it to grow knows that the server has answered.</summary>
    public long BytesDropped => Interlocked.Read(ref _bytesDropped);

    /// <summary>Starts a proxy.</summary>
    /// <param name="server">The server that it forwards to.</param>
    /// <returns>The proxy, accepting connections; whoever asked for it disposes it.</returns>
    public static TcpProxy Start(TestServer server) => new(server.Address, server.Port);

    /// <summary>Starts a proxy.</summary>
    /// <param name="address">The address that it forwards to.</param>
    /// <param name="port">The port that it forwards to.</param>
    /// <returns>The proxy, accepting connections; whoever asked for it disposes it.</returns>
    public static TcpProxy Start(string address, int port) => new(address, port);

    /// <summary>Resets every open connection (RST), on both sides. New ones are accepted.</summary>
    public void Cut()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.Reset();
        }
    }

    /// <summary>Resets every open connection and accepts no more: clients see "connection refused" until <see cref="Heal"/>.</summary>
    public void Refuse()
    {
        lock (_gate)
        {
            _listener?.Dispose();
            _listener = null;
        }

        Cut();
    }

    /// <summary>Tells every client that its server will say no more (FIN), while what the client says still goes on to the server.</summary>
    public void HalfCloseToClient()
    {
        foreach (var connection in _connections.Keys)
        {
            ProxiedConnection.HalfClose(connection.Client);
        }
    }

    /// <summary>Tells the server that every client will say no more (FIN), while what the server says still goes on to the client.</summary>
    public void HalfCloseToServer()
    {
        foreach (var connection in _connections.Keys)
        {
            ProxiedConnection.HalfClose(connection.Server);
        }
    }

    /// <summary>Ends every disturbance: what was held goes on, connections of which anything was dropped are reset, new ones are accepted.</summary>
    public void Heal()
    {
        foreach (var connection in _connections.Keys.Where(connection => connection.HasLost))
        {
            connection.Reset();
        }

        Change(() => (_toServer, _toClient, _delay) = (Forwarding.On, Forwarding.On, TimeSpan.Zero));
        Listen();
    }

    /// <summary>Resets every connection and stops.</summary>
    /// <returns>A task that ends when nothing is forwarded any more.</returns>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        Refuse();
        await _accepting;
        await Task.WhenAll(_connections.Keys.Select(connection => connection.Ended));
        _end.Dispose();
    }

    private void Listen()
    {
        lock (_gate)
        {
            if (_listener is null && !_end.IsCancellationRequested)
            {
                _listener = new(IPAddress.Loopback, Port);
                _listener.Start();
                _accepting = AcceptAsync(_listener);
            }
        }
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await listener.AcceptSocketAsync(_end.Token);
            }
            // A listener that was disposed a moment ago calls that an invalid operation.
            catch (Exception error) when (error is SocketException or InvalidOperationException or OperationCanceledException)
            {
                return;
            }

            Interlocked.Increment(ref _connectionsAccepted);
            var connection = new ProxiedConnection(client);
            _connections[connection] = true;
            connection.Ended = ServeAsync(connection);
        }
    }

    private async Task ServeAsync(ProxiedConnection connection)
    {
        try
        {
            await connection.Server.ConnectAsync(_address, _port, _end.Token);
            await Task.WhenAll(
                PumpAsync(connection, connection.Client, connection.Server, () => _toServer, count => Interlocked.Add(ref _bytesToServer, count)),
                PumpAsync(connection, connection.Server, connection.Client, () => _toClient, count => Interlocked.Add(ref _bytesToClient, count)));
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Either side is gone, and the other learns it below.
        }
        finally
        {
            connection.Reset();
            _connections.TryRemove(connection, out _);
        }
    }

    private async Task PumpAsync(ProxiedConnection connection, Socket from, Socket to, Func<Forwarding> forwarding, Action<int> count)
    {
        try
        {
            var buffer = new byte[16 * 1024];
            int read;
            while ((read = await from.ReceiveAsync(buffer, _end.Token)) > 0)
            {
                if (_delay > TimeSpan.Zero)
                {
                    await Task.WhenAny(Task.Delay(_delay), connection.Gone);
                }

                // The signal is taken before the state is looked at, so that no change is slept through.
                for (var changed = _changed.Task; forwarding() == Forwarding.Held && !connection.Gone.IsCompleted; changed = _changed.Task)
                {
                    await Task.WhenAny(changed, connection.Gone);
                }

                if (forwarding() == Forwarding.Dropped)
                {
                    connection.HasLost = true;
                    Interlocked.Add(ref _bytesDropped, read);
                    continue;
                }

                for (var sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _end.Token);
                }

                count(read);
            }

            ProxiedConnection.HalfClose(to);
        }
        catch
        {
            // A reset on one side is one on the other, and ends the other direction too.
            connection.Reset();
            throw;
        }
    }

    private void Change(Action change)
    {
        change();
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }
}
