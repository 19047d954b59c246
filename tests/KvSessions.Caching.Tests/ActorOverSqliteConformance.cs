using KvSessions.Stores.Conformance;

namespace KvSessions.Caching.Tests;

/// <summary>Every promise of the contract, through the actor store as the cache of a file.</summary>
public static class ActorOverSqliteConformance
{
    public sealed class Cancellation : CancellationConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.ActorOverSqliteAsync();
    }

    public sealed class Corruption : CorruptionConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.ActorOverSqliteAsync();
    }

    public sealed class Create : CreateConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.ActorOverSqliteAsync();
    }

    public sealed class DataFidelity : DataFidelityConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.ActorOverSqliteAsync();
    }

    public sealed class Delete : DeleteConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.ActorOverSqliteAsync();
    }

    public sealed class Durability : DurabilityConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.ActorOverSqliteAsync();
    }

    public sealed class Expiry : ExpiryConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.ActorOverSqliteAsync();
    }

    public sealed class History : HistoryConformance
    {
        protected override bool CanReopen => true;

        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.ActorOverSqliteAsync();
    }

    public sealed class Limits : LimitsConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.ActorOverSqliteAsync();
    }

    public sealed class Load : LoadConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.ActorOverSqliteAsync();
    }

    public sealed class Node : NodeConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.ActorOverSqliteAsync();
    }

    public sealed class Outage : OutageConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.ActorOverSqliteAsync();
    }

    public sealed class Renew : RenewConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.ActorOverSqliteAsync();
    }

    public sealed class RenewRace : RenewRaceConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.ActorOverSqliteAsync();
    }

    public sealed class Save : SaveConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.ActorOverSqliteAsync();
    }

    public sealed class Subject : SubjectConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.ActorOverSqliteAsync();
    }

    public sealed class SubjectLimit : SubjectLimitConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.ActorOverSqliteAsync();
    }

    public sealed class SubjectRace : SubjectRaceConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.ActorOverSqliteAsync();
    }

    public sealed class Touch : TouchConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.ActorOverSqliteAsync();
    }
}
