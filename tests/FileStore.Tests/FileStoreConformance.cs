using KvSessions.Stores.Conformance;

namespace FileSessions.Tests;

/// <summary>Every promise of the contract, on real files.</summary>
public static class FileStoreConformance
{
    public sealed class Cancellation : CancellationConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => new(new FileStoreHarness());
    }

    public sealed class Corruption : CorruptionConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => new(new FileStoreHarness());
    }

    public sealed class Create : CreateConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => new(new FileStoreHarness());
    }

    public sealed class DataFidelity : DataFidelityConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => new(new FileStoreHarness());
    }

    public sealed class Delete : DeleteConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => new(new FileStoreHarness());
    }

    public sealed class Durability : DurabilityConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => new(new FileStoreHarness());
    }

    public sealed class Expiry : ExpiryConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => new(new FileStoreHarness());
    }

    public sealed class History : HistoryConformance
    {
        // Each one writes some thirty files to the disk.
        protected override int DefaultCount => 100;

        protected override bool CanReopen => true;

        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => new(new FileStoreHarness());
    }

    public sealed class Limits : LimitsConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => new(new FileStoreHarness());
    }

    public sealed class Load : LoadConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => new(new FileStoreHarness());
    }

    public sealed class Outage : OutageConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => new(new FileStoreHarness());
    }

    public sealed class Renew : RenewConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => new(new FileStoreHarness());
    }

    public sealed class RenewRace : RenewRaceConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => new(new FileStoreHarness());
    }

    public sealed class Save : SaveConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => new(new FileStoreHarness());
    }

    public sealed class Subject : SubjectConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => new(new FileStoreHarness());
    }

    public sealed class SubjectLimit : SubjectLimitConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => new(new FileStoreHarness());
    }

    public sealed class SubjectRace : SubjectRaceConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => new(new FileStoreHarness());
    }

    public sealed class Sweep : SweepConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => new(new FileStoreHarness());
    }

    public sealed class Touch : TouchConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => new(new FileStoreHarness());
    }
}
