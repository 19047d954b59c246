using KvSessions.Stores.Conformance;

namespace KvSessions.Stores.Postgres.Tests;

/// <summary>Every promise of the contract, on a real server.</summary>
public static class PostgresStoreConformance
{
    public sealed class Cancellation : CancellationConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => PostgresHarness.CreateAsync();
    }

    public sealed class Corruption : CorruptionConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => PostgresHarness.CreateAsync();
    }

    public sealed class Create : CreateConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => PostgresHarness.CreateAsync();
    }

    public sealed class DataFidelity : DataFidelityConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => PostgresHarness.CreateAsync();
    }

    public sealed class Delete : DeleteConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => PostgresHarness.CreateAsync();
    }

    public sealed class Durability : DurabilityConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => PostgresHarness.CreateAsync();
    }

    public sealed class Expiry : ExpiryConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => PostgresHarness.CreateAsync();
    }

    public sealed class History : HistoryConformance
    {
        protected override bool CanReopen => true;

        // Each one is some thirty round trips.
        protected override int DefaultCount => 300;

        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => PostgresHarness.CreateAsync();
    }

    public sealed class Limits : LimitsConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => PostgresHarness.CreateAsync();
    }

    public sealed class Load : LoadConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => PostgresHarness.CreateAsync();
    }

    public sealed class Migration : MigrationConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => PostgresHarness.CreateOwnAsync();
    }

    public sealed class Node : NodeConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => PostgresHarness.CreateAsync();
    }

    public sealed class Outage : OutageConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => PostgresHarness.CreateAsync();
    }

    public sealed class Renew : RenewConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => PostgresHarness.CreateAsync();
    }

    public sealed class RenewRace : RenewRaceConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => PostgresHarness.CreateAsync();
    }

    public sealed class Save : SaveConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => PostgresHarness.CreateAsync();
    }

    public sealed class Subject : SubjectConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => PostgresHarness.CreateAsync();
    }

    public sealed class SubjectLimit : SubjectLimitConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => PostgresHarness.CreateAsync();
    }

    public sealed class SubjectRace : SubjectRaceConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => PostgresHarness.CreateAsync();
    }

    public sealed class Sweep : SweepConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => PostgresHarness.CreateAsync();
    }

    public sealed class Touch : TouchConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => PostgresHarness.CreateAsync();
    }

    public sealed class Version : VersionConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => PostgresHarness.CreateAsync();
    }
}
