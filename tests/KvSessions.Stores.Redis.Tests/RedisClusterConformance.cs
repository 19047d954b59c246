using KvSessions.Stores.Conformance;

namespace KvSessions.Stores.Redis.Tests;

/// <summary>Every promise of the contract, on a Redis Cluster of three masters, with a hash tag in the prefix.</summary>
public static class RedisClusterConformance
{
    public sealed class Cancellation : CancellationConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => RedisHarness.CreateOnClusterAsync();
    }

    public sealed class Corruption : CorruptionConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => RedisHarness.CreateOnClusterAsync();
    }

    public sealed class Create : CreateConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => RedisHarness.CreateOnClusterAsync();
    }

    public sealed class DataFidelity : DataFidelityConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => RedisHarness.CreateOnClusterAsync();
    }

    public sealed class Delete : DeleteConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => RedisHarness.CreateOnClusterAsync();
    }

    public sealed class Durability : DurabilityConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => RedisHarness.CreateOnClusterAsync();
    }

    public sealed class Expiry : ExpiryConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => RedisHarness.CreateOnClusterAsync();
    }

    public sealed class History : HistoryConformance
    {
        protected override bool CanReopen => true;

        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => RedisHarness.CreateOnClusterAsync();
    }

    public sealed class HistoryWhileTheSlotIsMoved : HistoryConformance
    {
        protected override int DefaultCount => 200;

        protected override bool CanReopen => true;

        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => SlotMover.CreateAsync();
    }

    public sealed class Limits : LimitsConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => RedisHarness.CreateOnClusterAsync();
    }

    public sealed class Load : LoadConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => RedisHarness.CreateOnClusterAsync();
    }

    public sealed class Node : NodeConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => RedisHarness.CreateOnClusterAsync();
    }

    public sealed class Renew : RenewConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => RedisHarness.CreateOnClusterAsync();
    }

    public sealed class RenewRace : RenewRaceConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => RedisHarness.CreateOnClusterAsync();
    }

    public sealed class Save : SaveConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => RedisHarness.CreateOnClusterAsync();
    }

    public sealed class Subject : SubjectConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => RedisHarness.CreateOnClusterAsync();
    }

    public sealed class SubjectLimit : SubjectLimitConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => RedisHarness.CreateOnClusterAsync();
    }

    public sealed class SubjectRace : SubjectRaceConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => RedisHarness.CreateOnClusterAsync();
    }

    public sealed class Touch : TouchConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => RedisHarness.CreateOnClusterAsync();
    }

    public sealed class Version : VersionConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => RedisHarness.CreateOnClusterAsync();
    }
}
