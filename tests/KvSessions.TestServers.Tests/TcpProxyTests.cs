using System.Diagnostics;
using System.Net.Sockets;
using KvSessions.Tests;

namespace KvSessions.TestServers.Tests;

public sealed class TcpProxyTests(RedisServer server) : IAsyncLifetime
{
    private readonly TcpProxy _proxy = TcpProxy.Start(server);
    private readonly string _key = Guid.NewGuid().ToString();
    private RedisConnection _client = null!;

    public async ValueTask InitializeAsync() => _client = await ConnectAsync();

    [Fact]
    public async Task Without_a_disturbance_it_forwards_and_counts()
    {
        Assert.Equal("PONG", await PingAsync(_client));
        Assert.Equal("+PONG\r\n".Length, _proxy.BytesToClient);
        Assert.Equal((1L, 1), (_proxy.Connections, _proxy.OpenConnections));
    }

    [Fact]
    public async Task A_delay_holds_for_both_directions()
    {
        _proxy.Delay = TimeSpan.FromMilliseconds(50);
        var watch = Stopwatch.StartNew();
        await PingAsync(_client);
        Assert.True(watch.Elapsed >= TimeSpan.FromMilliseconds(95), $"{watch.Elapsed}");
    }

    [Fact]
    public async Task A_cut_resets_connections_and_takes_new_ones()
    {
        await PingAsync(_client);
        var seen = _proxy.BytesToServer;
        var answer = _client.ExecuteAsync(default, "BLPOP", _key, 0);
        await Eventually.TrueAsync(() => _proxy.BytesToServer > seen, "the request is on its way");
        _proxy.Cut();
        var error = await Assert.ThrowsAsync<IOException>(() => answer);
        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(error.InnerException).SocketErrorCode);
        using var another = await ConnectAsync();
        Assert.Equal("PONG", await PingAsync(another));
    }

    [Fact]
    public async Task Refusing_lasts_until_it_is_healed()
    {
        _proxy.Refuse();
        Assert.Equal(SocketError.ConnectionRefused, (await Assert.ThrowsAsync<SocketException>(ConnectAsync)).SocketErrorCode);
        _proxy.Heal();
        using var another = await ConnectAsync();
        Assert.Equal("PONG", await PingAsync(another));
    }

    [Fact]
    public async Task Held_requests_go_on_when_it_is_healed()
    {
        _proxy.ToServer = Forwarding.Held;
        var answer = PingAsync(_client);
        await Assert.ThrowsAsync<TimeoutException>(() => answer.WaitAsync(TimeSpan.FromMilliseconds(200)));
        _proxy.Heal();
        Assert.Equal("PONG", await answer);
    }

    [Fact]
    public async Task Of_a_dropped_reply_the_server_has_applied_the_request()
    {
        await PingAsync(_client);
        _proxy.ToClient = Forwarding.Dropped;
        var answer = _client.ExecuteAsync(default, "INCR", _key);
        await Eventually.TrueAsync(() => _proxy.BytesDropped == ":1\r\n".Length, "the reply is dropped");
        Assert.False(answer.IsCompleted);

        _proxy.Heal();
        await Assert.ThrowsAnyAsync<IOException>(() => answer);
        using var another = await ConnectAsync();
        Assert.Equal("1", await another.ExecuteTextAsync(default, "GET", _key));
    }

    [Fact]
    public async Task Half_closed_the_client_hears_the_end_while_its_requests_go_on()
    {
        await PingAsync(_client);
        _proxy.HalfCloseToClient();
        await Assert.ThrowsAsync<EndOfStreamException>(() => _client.ExecuteAsync(default, "INCR", _key));
        using var direct = await server.ConnectAsync();
        await Eventually.TrueAsync(async () => await direct.ExecuteTextAsync(default, "GET", _key) == "1", "the request has been served");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _proxy.DisposeAsync();
    }

    private Task<RedisConnection> ConnectAsync() => RedisConnection.OpenAsync("127.0.0.1", _proxy.Port, default);

    private static Task<string> PingAsync(RedisConnection client) => client.ExecuteTextAsync(default, "PING");
}
