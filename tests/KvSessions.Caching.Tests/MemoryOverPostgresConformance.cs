using KvSessions.Stores.Conformance;
using KvSessions.Stores.Postgres.Tests;

namespace KvSessions.Caching.Tests;

/// <summary>Every promise of the contract, through a memory cache over a real server.</summary>
public static class MemoryOverPostgresConformance
{
    public sealed class Cancellation : CancellationConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.MemoryOverPostgresAsync();
    }

    public sealed class Corruption : CorruptionConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.MemoryOverPostgresAsync();
    }

    public sealed class Create : CreateConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.MemoryOverPostgresAsync();
    }

    public sealed class DataFidelity : DataFidelityConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.MemoryOverPostgresAsync();
    }

    public sealed class Delete : DeleteConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.MemoryOverPostgresAsync();
    }

    public sealed class Durability : DurabilityConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.MemoryOverPostgresAsync();
    }

    public sealed class Expiry : ExpiryConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.MemoryOverPostgresAsync();
    }

    public sealed class History : HistoryConformance
    {
        protected override bool CanReopen => true;

        // Each one is some thirty round trips.
        protected override int DefaultCount => 100;

        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.MemoryOverPostgresAsync();
    }

    public sealed class Limits : LimitsConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.MemoryOverPostgresAsync();
    }

    public sealed class Load : LoadConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.MemoryOverPostgresAsync();
    }

    public sealed class Node : NodeConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.ValidatedAsync(PostgresHarness.CreateAsync());
    }

    public sealed class Outage : OutageConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.MemoryOverPostgresAsync();
    }

    public sealed class Renew : RenewConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.MemoryOverPostgresAsync();
    }

    public sealed class RenewRace : RenewRaceConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.MemoryOverPostgresAsync();
    }

    public sealed class Save : SaveConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.MemoryOverPostgresAsync();
    }

    public sealed class Subject : SubjectConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.MemoryOverPostgresAsync();
    }

    public sealed class SubjectLimit : SubjectLimitConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.MemoryOverPostgresAsync();
    }

    public sealed class SubjectRace : SubjectRaceConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.MemoryOverPostgresAsync();
    }

    public sealed class Touch : TouchConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => Caches.MemoryOverPostgresAsync();
    }
}
