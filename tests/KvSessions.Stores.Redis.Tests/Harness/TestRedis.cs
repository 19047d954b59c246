namespace KvSessions.Stores.Redis.Tests;

/// <summary>The server that the tests run against.</summary>
internal static class TestRedis
{
    /// <summary>How to connect, in the form of StackExchange.Redis.</summary>
    public static string Configuration { get; } =
        Environment.GetEnvironmentVariable("KVSESSIONS_TEST_REDIS") ?? "127.0.0.1:6391";
}
