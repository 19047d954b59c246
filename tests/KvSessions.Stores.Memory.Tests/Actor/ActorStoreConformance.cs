using KvSessions.Stores.Conformance;

namespace KvSessions.Stores.Memory.Tests;

public static class ActorStoreConformance
{
    public sealed class Create : CreateConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new ActorStoreHarness());
    }

    public sealed class Load : LoadConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new ActorStoreHarness());
    }

    public sealed class Save : SaveConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new ActorStoreHarness());
    }

    public sealed class Touch : TouchConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new ActorStoreHarness());
    }

    public sealed class Version : VersionConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new ActorStoreHarness());
    }

    public sealed class Delete : DeleteConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new ActorStoreHarness());
    }

    public sealed class Renew : RenewConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new ActorStoreHarness());
    }

    public sealed class RenewRace : RenewRaceConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new ActorStoreHarness());
    }

    public sealed class Expiry : ExpiryConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new ActorStoreHarness());
    }

    public sealed class DataFidelity : DataFidelityConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new ActorStoreHarness());
    }

    public sealed class Limits : LimitsConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new ActorStoreHarness());
    }

    public sealed class Subject : SubjectConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new ActorStoreHarness());
    }

    public sealed class SubjectRace : SubjectRaceConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new ActorStoreHarness());
    }

    public sealed class SubjectLimit : SubjectLimitConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new ActorStoreHarness());
    }

    public sealed class Sweep : SweepConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new ActorStoreHarness());
    }

    public sealed class Cancellation : CancellationConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new ActorStoreHarness());
    }

    public sealed class History : HistoryConformance
    {
        protected override ValueTask<SessionStoreHarness> CreateHarnessAsync() => ValueTask.FromResult<SessionStoreHarness>(new ActorStoreHarness());
    }

    public sealed class Coverage
    {
        [Fact]
        public void Every_promise_is_checked() =>
            ConformanceCoverage.AssertComplete(
                typeof(ActorStore),
                typeof(ActorStoreConformance).GetNestedTypes(),
                new ConformanceDivergence(typeof(CorruptionConformance), "It keeps records, and no bytes that could be damaged."),
                new ConformanceDivergence(typeof(DurabilityConformance), "It keeps sessions in the memory of the process."),
                new ConformanceDivergence(typeof(NodeConformance), "A node has sessions of its own."),
                new ConformanceDivergence(typeof(OutageConformance), "It cannot be mended once it is disposed; ActorStoreTests has what it does when it is late, full or disposed."));
    }
}
