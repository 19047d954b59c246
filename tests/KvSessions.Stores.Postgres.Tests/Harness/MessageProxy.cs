using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace KvSessions.Stores.Postgres.Tests;

/// <summary>
/// Stands between a store and its server, and writes down what kinds of messages the store sends and how often it waits for an answer
/// (https://www.postgresql.org/docs/current/protocol-message-formats.html).
/// </summary>
internal sealed class MessageProxy : IAsyncDisposable
{
    private const int HeaderBytes = 5;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<char> _messages = new();
    private readonly string _host;
    private readonly int _port;
    private readonly Task _accepting;
    private int _roundTrips;

    public MessageProxy(string host, int port)
    {
        (_host, _port) = (host, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How often the store sent something and then got an answer, since <see cref="Forget"/>.</summary>
    public int RoundTrips => Volatile.Read(ref _roundTrips);

    /// <summary>How often a statement was executed.</summary>
    public int Statements => _messages.Count(static type => type is 'E' or 'Q');

    /// <summary>How many implicit transactions there were.</summary>
    public int Transactions => _messages.Count(static type => type is 'S' or 'Q');

    public void Forget()
    {
        _messages.Clear();
        Volatile.Write(ref _roundTrips, 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(RelayAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        finally
        {
            await Task.WhenAll(connections).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            await server.ConnectAsync(_host, _port, _stop.Token);
            client.NoDelay = server.NoDelay = true;
            var isWaiting = new StrongBox();
            await Task.WhenAny(
                RelayRequestsAsync(client.GetStream(), server.GetStream(), isWaiting),
                RelayAnswersAsync(server.GetStream(), client.GetStream(), isWaiting));
        }
    }

    private async Task RelayRequestsAsync(NetworkStream from, NetworkStream to, StrongBox isWaiting)
    {
        var buffer = new byte[65_536];
        var pending = new List<byte>();
        var isStarting = true;
        for (int read; (read = await from.ReadAsync(buffer, _stop.Token)) > 0;)
        {
            pending.AddRange(buffer.AsSpan(0, read));
            isStarting = Parse(pending, isStarting);
            isWaiting.Value = true;
            await to.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
        }
    }

    private async Task RelayAnswersAsync(NetworkStream from, NetworkStream to, StrongBox isWaiting)
    {
        var buffer = new byte[65_536];
        for (int read; (read = await from.ReadAsync(buffer, _stop.Token)) > 0;)
        {
            if (isWaiting.Value)
            {
                isWaiting.Value = false;
                Interlocked.Increment(ref _roundTrips);
            }

            await to.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
        }
    }

    // The first message has no type.
    private bool Parse(List<byte> pending, bool isStarting)
    {
        while (true)
        {
            var header = isStarting ? HeaderBytes - 1 : HeaderBytes;
            if (pending.Count < header)
            {
                return isStarting;
            }

            var length = BinaryPrimitives.ReadInt32BigEndian(pending.GetRange(header - 4, 4).ToArray()) + header - 4;
            if (pending.Count < length)
            {
                return isStarting;
            }

            if (!isStarting)
            {
                _messages.Enqueue((char)pending[0]);
            }

            pending.RemoveRange(0, length);
            isStarting = false;
        }
    }

    private sealed class StrongBox
    {
        public volatile bool Value;
    }
}
