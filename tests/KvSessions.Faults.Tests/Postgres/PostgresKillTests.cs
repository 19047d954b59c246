namespace KvSessions.Faults.Tests;

public sealed class PostgresKillTests(PostgresTarget target, ITestOutputHelper output) : KillTests(target, output), IClassFixture<PostgresTarget>;
