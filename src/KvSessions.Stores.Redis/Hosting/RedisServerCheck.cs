using Microsoft.Extensions.Hosting;

namespace KvSessions.Stores.Redis;

/// <summary>Checks the settings of the servers once, when the application has started and they can be reached. It never stops the application.</summary>
internal sealed class RedisServerCheck(RedisStore store, TimeProvider? clock = null) : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!await store.CheckServersAsync(stoppingToken).ConfigureAwait(false))
        {
            await Task.Delay(RetryAfter, clock ?? TimeProvider.System, stoppingToken).ConfigureAwait(false);
        }
    }
}
