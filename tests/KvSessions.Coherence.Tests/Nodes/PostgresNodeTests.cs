using KvSessions.Coherence.Tests.Backplanes;
using KvSessions.Stores.Postgres;

namespace KvSessions.Coherence.Tests.Nodes;

public sealed class PostgresNodeTests(PostgresTarget target, ITestOutputHelper output)
    : NodeTests(target, "postgres", output), IClassFixture<PostgresTarget>, IAsyncLifetime
{
    private readonly PostgresTarget _target = target;

    public async ValueTask InitializeAsync() => await PostgresStore.MigrateUpAsync(_target.Connection);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
