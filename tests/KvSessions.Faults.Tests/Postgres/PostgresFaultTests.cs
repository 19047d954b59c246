namespace KvSessions.Faults.Tests;

public sealed class PostgresFaultTests(PostgresTarget target, ITestOutputHelper output) : FaultTests(target, output), IClassFixture<PostgresTarget>;
