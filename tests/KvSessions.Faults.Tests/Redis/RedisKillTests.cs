namespace KvSessions.Faults.Tests;

public sealed class RedisKillTests(RedisTarget target, ITestOutputHelper output) : KillTests(target, output), IClassFixture<RedisTarget>;
