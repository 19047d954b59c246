using System.Buffers.Binary;
using System.Diagnostics;
using KvSessions.TestServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvSessions.Coherence.Tests.Backplanes;

/// <summary>What every backplane does, over a real server.</summary>
public abstract class BackplaneTests(BackplaneTarget target) : IAsyncDisposable
{
    private static readonly TimeSpan MaxStaleness = TimeSpan.FromSeconds(2);

    // What the machine may need to look again.
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(500);

    private readonly List<IAsyncDisposable> _opened = [];
    private readonly string _channel = $"test.{Convert.ToHexStringLower(SessionId.New().Handle.ToByteArray().AsSpan(0, 8))}";
    private readonly SessionHandle _handle = SessionId.New().Handle;

    [Fact]
    public async Task A_message_reaches_everybody_and_the_node_that_sends_it()
    {
        var (a, b) = (Connect(), Connect());
        var (earA, earB) = (await ListenAsync(a), await ListenAsync(b));
        byte[] everyByte = [.. Enumerable.Range(0, 256).Select(static i => (byte)i)];
        var longest = new byte[ISessionBackplane.MaxMessageLength];
        Random.Shared.NextBytes(longest);

        foreach (var message in (byte[][])[[0], everyByte, longest])
        {
            await a.PublishAsync(message);
        }

        foreach (var ear in new[] { earA, earB })
        {
            await ear.HearsAsync(3);
            Assert.Equal([[0], everyByte, longest], ear.Heard);
        }
    }

    [Fact]
    public async Task Messages_come_in_one_order_to_all_and_none_is_missing()
    {
        const int Count = 300;
        ISessionBackplane[] nodes = [Connect(), Connect(), Connect()];
        var ears = new List<Ear>();
        foreach (var node in nodes)
        {
            ears.Add(await ListenAsync(node));
        }

        await Task.WhenAll(nodes.Select((node, index) => Task.Run(async () =>
        {
            for (var i = 0; i < Count; i++)
            {
                var message = new byte[8];
                BinaryPrimitives.WriteInt32LittleEndian(message, index);
                BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), i);
                await node.PublishAsync(message);
            }
        })));

        foreach (var ear in ears)
        {
            await ear.HearsAsync(3 * Count);
            Assert.Equal(ears[0].Heard, ear.Heard);
        }

        for (var index = 0; index < nodes.Length; index++)
        {
            Assert.Equal(
                Enumerable.Range(0, Count),
                ears[0].Heard.Where(message => BinaryPrimitives.ReadInt32LittleEndian(message) == index).Select(static message => BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(4))));
        }
    }

    [Fact]
    public async Task Another_channel_is_not_heard()
    {
        var (a, other) = (Connect(), Connect(channel: _channel + "x"));
        var (earA, earOther) = (await ListenAsync(a), await ListenAsync(other));

        await other.PublishAsync(new byte[] { 1 });
        await a.PublishAsync(new byte[] { 2 });

        await earOther.HearsAsync(1);
        await earA.HearsAsync(1);
        Assert.Equal([2], Assert.Single(earA.Heard));
    }

    [Fact]
    public async Task A_connection_that_is_cut_ends_the_listening_and_another_one_can_be_made()
    {
        await using var proxy = TcpProxy.Start(target.Server);
        var a = Connect(target.Through(proxy));
        var ear = await ListenAsync(a);

        proxy.Cut();

        await AssertLostAsync(ear);
        var again = await ListenAsync(a);
        await EventuallyPublishAsync(a, [1]);
        await again.HearsAsync(1);
    }

    [Fact]
    public async Task A_server_that_is_restarted_ends_the_listening()
    {
        await using var proxy = TcpProxy.Start(target.Server);
        var a = Connect(target.Through(proxy));
        var ear = await ListenAsync(a);

        proxy.Refuse();

        await AssertLostAsync(ear);
        await Assert.ThrowsAsync<SessionStoreException>(async () => await a.PublishAsync(new byte[] { 1 }));
        await Assert.ThrowsAsync<SessionStoreException>(() => a.ListenAsync(ear));
        proxy.Heal();
        await ListenAsync(a);
    }

    [Fact]
    public async Task Listening_ends_when_it_is_cancelled_and_leaves_the_backplane_as_it_was()
    {
        var a = Connect();
        var first = await ListenAsync(a);
        await first.DisposeAsync();
        Assert.True(first.Listening.IsCanceled);

        var second = await ListenAsync(a);
        await a.PublishAsync(new byte[] { 1 });

        await second.HearsAsync(1);
        Assert.Empty(first.Heard);
    }

    [Fact]
    public async Task Publishing_into_a_network_that_swallows_everything_ends_when_it_is_cancelled()
    {
        await using var proxy = TcpProxy.Start(target.Server);
        var a = Connect(target.Through(proxy));
        await EventuallyPublishAsync(a, [1]);
        (proxy.ToServer, proxy.ToClient) = (Forwarding.Held, Forwarding.Held);
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        var waited = Stopwatch.StartNew();
        var fault = await Record.ExceptionAsync(async () => await a.PublishAsync(new byte[] { 1 }, patience.Token));

        Assert.True(fault is OperationCanceledException or SessionStoreException, $"It ended with {fault}.");
        Assert.True(waited.Elapsed < TimeSpan.FromSeconds(5), $"It took {waited.Elapsed}.");
        proxy.Heal();
        await EventuallyPublishAsync(a, [2]);
    }

    [Fact]
    public async Task Nodes_tell_each_other_and_a_node_that_was_cut_off_flushes_before_it_trusts_again()
    {
        await using var proxy = TcpProxy.Start(target.Server);
        var (a, b) = (Start(target.Connection), Start(target.Through(proxy)));
        await TrustedAsync(a, b);
        await a.Coherence.AnnounceAsync(_handle, 2);
        await Eventually.TrueAsync(() => b.Outdated.Contains((_handle, 2)), "the other node has heard");
        Assert.DoesNotContain((_handle, 2), a.Outdated);

        proxy.Refuse();
        await Eventually.TrueAsync(() => !b.Coherence.IsTrusted, "the node has noticed that it is cut off");
        await a.Coherence.AnnounceAsync(_handle, 3);
        var flushes = b.Flushes;
        proxy.Heal();

        await TrustedAsync(a, b);
        Assert.True(b.Flushes > flushes);
        await a.Coherence.AnnounceAsync(_handle, 4);
        await Eventually.TrueAsync(() => b.Outdated.Contains((_handle, 4)), "the other node hears again");
    }

    [Fact]
    public async Task A_network_that_swallows_everything_is_distrusted_in_half_the_staleness_on_both_sides()
    {
        await using var proxy = TcpProxy.Start(target.Server);
        var (a, b) = (Start(target.Connection), Start(target.Through(proxy)));
        await TrustedAsync(a, b);

        (proxy.ToServer, proxy.ToClient) = (Forwarding.Held, Forwarding.Held);
        var waited = Stopwatch.StartNew();
        await Eventually.TrueAsync(() => !b.Coherence.IsTrusted, "the node that is cut off distrusts");
        await Eventually.TrueAsync(() => !a.Coherence.IsTrusted, "the node that hears no more of it distrusts");

        Assert.True(waited.Elapsed < (MaxStaleness / 2) + Slack, $"It took {waited.Elapsed}.");
        proxy.Heal();
        await TrustedAsync(a, b);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var opened in Enumerable.Reverse(_opened))
        {
            await opened.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes it with the test, before what was opened earlier.</summary>
    protected T Open<T>(T opened)
        where T : notnull
    {
        _opened.Add((IAsyncDisposable)opened);
        return opened;
    }

    protected string Channel => _channel;

    internal async Task<Ear> ListenAsync(ISessionBackplane backplane)
    {
        var ear = await RepeatAsync(() => Ear.OpenAsync(backplane));
        _opened.Add(ear);
        return ear;
    }

    internal static async Task TrustedAsync(params CoherentNode[] nodes) =>
        await Eventually.TrueAsync(() => Array.TrueForAll(nodes, static node => node.Coherence.IsTrusted), "all trust");

    internal CoherentNode Start(ISessionBackplane backplane)
    {
        var node = new CoherentNode(new BackplaneCoherence(backplane, MaxStaleness, TimeProvider.System, NullLogger<BackplaneCoherence>.Instance));
        _opened.Add(node);
        return node;
    }

    private CoherentNode Start(string connection) => Start(Connect(connection));

    private ISessionBackplane Connect(string? connection = null, string? channel = null) =>
        Open(target.Connect(connection ?? target.Connection, channel ?? _channel));

    private static async Task AssertLostAsync(Ear ear)
    {
        var fault = await Assert.ThrowsAsync<SessionStoreException>(() => ear.Listening.WaitAsync(TimeSpan.FromSeconds(20), CancellationToken.None));
        Assert.Equal(SessionStoreError.Unavailable, fault.Error);
    }

    private static Task<bool> EventuallyPublishAsync(ISessionBackplane backplane, byte[] message) =>
        RepeatAsync(async () =>
        {
            await backplane.PublishAsync(message);
            return true;
        });

    // Until there is a connection, for the first time or again.
    private static async Task<T> RepeatAsync<T>(Func<Task<T>> call)
    {
        for (var waited = Stopwatch.StartNew(); ;)
        {
            try
            {
                return await call();
            }
            catch (SessionStoreException) when (waited.Elapsed < TimeSpan.FromSeconds(20))
            {
                await Task.Delay(20);
            }
        }
    }
}
