using KvSessions.Stores.Conformance;
using KvSessions.Tests;
using KvSessions.TestServers;
using StackExchange.Redis;

namespace KvSessions.Stores.Redis.Tests;

/// <summary>
/// A prefix of its own on the server. The clock is the server's, so it is the records that are moved: the store looks as if its clock
/// had been. A store that is to be broken goes to the server by way of a proxy.
/// </summary>
internal sealed class RedisHarness : SessionStoreHarness
{
    private readonly RedisScope _scope;
    private readonly TcpProxy? _proxy;
    private RedisStore _store;
    private ConnectionMultiplexer? _proxied;
    private RedisStore? _other;
    private TimeSpan _ahead;

    private RedisHarness(RedisScope scope, TcpProxy? proxy)
    {
        _scope = scope;
        _proxy = proxy;
        _store = scope.NewStore();
    }

    public override ISessionStore Store => Moved(_store);

    public override DateTimeOffset Now => TimeProvider.System.GetUtcNow() + _ahead;

    public override TimeSpan ClockResolution => TimeSpan.FromMilliseconds(1);

    public override TimeSpan ClockDrift => TimeSpan.FromSeconds(20);

    public override int RaceRounds => 50;

    /// <summary>The slot of all keys, on a cluster.</summary>
    public int Slot => _scope.Multiplexer.HashSlot($"{_scope.Keys.Prefix}/");

    public static async ValueTask<SessionStoreHarness> CreateAsync() => new RedisHarness(await RedisScope.CreateAsync(), null);

    public static async ValueTask<SessionStoreHarness> CreateOnClusterAsync() => new RedisHarness(await RedisScope.CreateOnClusterAsync(), null);

    public static async ValueTask<SessionStoreHarness> CreateBreakableAsync()
    {
        var proxy = TcpProxy.Start(TestRedis.Server);
        var harness = new RedisHarness(await RedisScope.CreateAsync(), proxy);
        await harness._store.DisposeAsync();
        harness._proxied = await ConnectionMultiplexer.ConnectAsync(RedisConfiguration.Parse($"127.0.0.1:{proxy.Port},asyncTimeout=30000"));
        harness._store = new RedisStore(harness._proxied, harness._scope.Options);
        return harness;
    }

    public override async ValueTask AdvanceAsync(TimeSpan by)
    {
        await _scope.Keys.ShiftAsync(by);
        _ahead += by;
    }

    public override async ValueTask ReopenAsync()
    {
        await _store.DisposeAsync();
        _store = _scope.NewStore();
    }

    public override async ValueTask BreakAsync()
    {
        _proxy!.Refuse();
        await Eventually.TrueAsync(() => !_proxied!.GetServers()[0].IsConnected, "the driver has noticed that the server is out of reach");
    }

    public override async ValueTask MendAsync()
    {
        _proxy!.Heal();
        await Eventually.TrueAsync(IsAnswered, "the driver has connected again");
    }

    public override ValueTask<ISessionStore> OpenNodeAsync() => new(Moved(_other = _scope.NewStore()));

    public override async ValueTask DamageAsync(SessionHandle handle) => await _scope.Keys.ReplaceFormatAsync(handle, "1", "255");

    public override async ValueTask RepairAsync(SessionHandle handle) => await _scope.Keys.ReplaceFormatAsync(handle, "255", "1");

    public override async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        await (_other?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_proxied?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_proxy?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _scope.DisposeAsync();
        await base.DisposeAsync();
    }

    // A connection that was made while the proxy still refused is one only until its end is noticed.
    private bool IsAnswered()
    {
        try
        {
            _proxied!.GetDatabase().Ping(CommandFlags.DemandMaster);
            return true;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            return false;
        }
    }

    private MovedClockStore Moved(RedisStore store) => new(store, () => _ahead);
}
