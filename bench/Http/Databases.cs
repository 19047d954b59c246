using KvSessions.TestServers;

namespace KvSessions.Bench;

/// <summary>The database servers that a comparison needs, as their operator would run them: durable, and on this machine.</summary>
internal sealed class Databases : IAsyncDisposable
{
    private RedisServer? _redis;
    private PostgresServer? _postgres;

    /// <summary>Starts the servers that subjects need and the options do not name.</summary>
    public static async Task<Databases> StartAsync(IReadOnlyList<string> subjects, Options options)
    {
        var databases = new Databases();
        if (options.Redis.Length == 0 && subjects.Any(static subject => subject.Contains("-redis", StringComparison.Ordinal)))
        {
            databases._redis = await RedisServer.StartOwnAsync();
        }

        if (options.Postgres.Length == 0 && subjects.Any(static subject => subject.Contains("-postgres", StringComparison.Ordinal)))
        {
            databases._postgres = await PostgresServer.StartOwnAsync(new PostgresServerOptions { Durable = true });
        }

        return databases;
    }

    public Options Connect(Options options) =>
        options with
        {
            Redis = _redis?.Configuration ?? options.Redis,
            Postgres = _postgres?.ConnectionString ?? options.Postgres,
        };

    public async ValueTask DisposeAsync()
    {
        await (_redis?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_postgres?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
