using KvSessions.Coherence.Tests.Backplanes;

namespace KvSessions.Coherence.Tests.Nodes;

public sealed class RedisNodeTests(RedisTarget target, ITestOutputHelper output) : NodeTests(target, "redis", output), IClassFixture<RedisTarget>;
