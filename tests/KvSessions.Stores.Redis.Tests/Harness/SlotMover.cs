using KvSessions.Stores.Conformance;
using KvSessions.TestServers;

namespace KvSessions.Stores.Redis.Tests;

/// <summary>
/// A harness whose slot is moved from master to master as long as it lives. What is refused meanwhile, which is for certain, is tried
/// again; the records are moved in time between two moves of the slot.
/// </summary>
internal sealed class SlotMover : SessionStoreHarness
{
    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _gate = new(1);
    private readonly RedisHarness _inner;
    private readonly Task _moving;

    private SlotMover(RedisHarness inner, RedisCluster cluster, int slot)
    {
        _inner = inner;
        _moving = Task.Run(() => MoveAsync(cluster, slot));
    }

    public override ISessionStore Store => new PersistentStore((ISubjectLimitStore)_inner.Store);

    public override DateTimeOffset Now => _inner.Now;

    public override TimeSpan ClockResolution => _inner.ClockResolution;

    public override TimeSpan ClockDrift => _inner.ClockDrift;

    /// <summary>How often the slot has been moved.</summary>
    public int Moves { get; private set; }

    public static async ValueTask<SessionStoreHarness> CreateAsync()
    {
        var cluster = await TestCluster.GetAsync();
        var harness = (RedisHarness)await RedisHarness.CreateOnClusterAsync();
        return new SlotMover(harness, cluster, harness.Slot);
    }

    public override async ValueTask AdvanceAsync(TimeSpan by)
    {
        await _gate.WaitAsync();
        try
        {
            await _inner.AdvanceAsync(by);
        }
        finally
        {
            _gate.Release();
        }
    }

    public override ValueTask ReopenAsync() => _inner.ReopenAsync();

    public override async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _moving;
        Assert.True(Moves > 0, "The slot has never been moved.");
        TestContext.Current.SendDiagnosticMessage($"The slot was moved {Moves} times.");
        await _inner.DisposeAsync();
        _end.Dispose();
        _gate.Dispose();
        await base.DisposeAsync();
    }

    private async Task MoveAsync(RedisCluster cluster, int slot)
    {
        while (!_end.IsCancellationRequested)
        {
            await _gate.WaitAsync();
            try
            {
                await cluster.MigrateSlotAsync(slot, (await cluster.OwnerAsync(slot) + 1) % cluster.Masters.Count);
                Moves++;
            }
            finally
            {
                _gate.Release();
            }

            await Task.Delay(50);
        }
    }
}
