namespace KvSessions.Stores.Postgres.Tests;

/// <summary>The server that the tests run against, as a role that may do everything.</summary>
internal static class TestServer
{
    public static ValueTask<string> ConnectionStringAsync() =>
        ValueTask.FromResult(
            Environment.GetEnvironmentVariable("KVSESSIONS_TEST_POSTGRES")
            ?? throw new InvalidOperationException("KVSESSIONS_TEST_POSTGRES names no server."));
}
