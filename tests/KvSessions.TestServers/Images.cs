namespace KvSessions.TestServers;

/// <summary>
/// The container images, the one place that names them. All at once they are taken from elsewhere by Testcontainers' own
/// <c>TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX</c> (https://dotnet.testcontainers.org/custom_configuration/), one by one by these variables.
/// </summary>
public static class Images
{
    /// <summary>The image of PostgreSQL: <c>KVSESSIONS_TEST_POSTGRES_IMAGE</c>, or <c>postgres:15</c>.</summary>
    public static string Postgres => Environment.GetEnvironmentVariable("KVSESSIONS_TEST_POSTGRES_IMAGE") is { Length: > 0 } image ? image : "postgres:15";

    /// <summary>The image of Redis: <c>KVSESSIONS_TEST_REDIS_IMAGE</c>, or <c>redis:7</c>.</summary>
    public static string Redis => Environment.GetEnvironmentVariable("KVSESSIONS_TEST_REDIS_IMAGE") is { Length: > 0 } image ? image : "redis:7";
}
