using KvSessions.Stores.Conformance;

namespace KvSessions.Stores.Memory.Tests;

public static class MemoryStoreConformance
{
    public sealed class Create : CreateConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new MemoryStoreHarness());
    }

    public sealed class Load : LoadConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new MemoryStoreHarness());
    }

    public sealed class Save : SaveConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new MemoryStoreHarness());
    }

    public sealed class Touch : TouchConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new MemoryStoreHarness());
    }

    public sealed class Version : VersionConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new MemoryStoreHarness());
    }

    public sealed class Delete : DeleteConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new MemoryStoreHarness());
    }

    public sealed class Renew : RenewConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new MemoryStoreHarness());
    }

    public sealed class RenewRace : RenewRaceConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new MemoryStoreHarness());
    }

    public sealed class Expiry : ExpiryConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new MemoryStoreHarness());
    }

    public sealed class DataFidelity : DataFidelityConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new MemoryStoreHarness());
    }

    public sealed class Limits : LimitsConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new MemoryStoreHarness());
    }

    public sealed class Subject : SubjectConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new MemoryStoreHarness());
    }

    public sealed class SubjectRace : SubjectRaceConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new MemoryStoreHarness());
    }

    public sealed class SubjectLimit : SubjectLimitConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new MemoryStoreHarness());
    }

    public sealed class Sweep : SweepConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new MemoryStoreHarness());
    }

    public sealed class Cancellation : CancellationConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new MemoryStoreHarness());
    }

    public sealed class History : HistoryConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new MemoryStoreHarness());
    }

    public sealed class Coverage
    {
        [Fact]
        public void Every_promise_is_checked() =>
            ConformanceCoverage.AssertComplete(
                typeof(MemoryStore),
                typeof(MemoryStoreConformance).GetNestedTypes(),
                new ConformanceDivergence(typeof(CorruptionConformance), "It keeps records, and no bytes that could be damaged."),
                new ConformanceDivergence(typeof(DurabilityConformance), "It keeps sessions in the memory of the process."),
                new ConformanceDivergence(typeof(NodeConformance), "A node has sessions of its own."),
                new ConformanceDivergence(typeof(OutageConformance), "It has no server that could be down."));
    }
}
