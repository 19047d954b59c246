using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KvSessions;

/// <summary>Deletes expired sessions now and then, in small batches, from a store in which they take up room.</summary>
internal sealed class SessionSweeper(
    Lazy<ISessionStore> store, IOptions<KvSessionsOptions> options, TimeProvider clock, ILogger<SessionSweeper> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.SweepInterval is not { } interval)
        {
            return;
        }

        var stores = StoreChain.AllOf(store.Value).OfType<IExpiredSessionStore>().ToList();
        if (stores.Count == 0)
        {
            return;
        }

        while (!stoppingToken.IsCancellationRequested)
        {
            // Nodes that were started together should not sweep together.
            var jitter = RandomNumberGenerator.GetInt32(-100, 101) / 1000.0;
            await Task.Delay(interval * (1 + jitter), clock, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var expired in stores)
            {
                if (!stoppingToken.IsCancellationRequested)
                {
                    await SweepAsync(expired, stoppingToken).ConfigureAwait(false);
                }
            }
        }
    }

    private async Task SweepAsync(IExpiredSessionStore expired, CancellationToken ct)
    {
        var total = 0L;
        try
        {
            while (true)
            {
                var start = clock.GetTimestamp();
                var deleted = await expired.DeleteExpiredAsync(options.Value.SweepBatchSize, ct).ConfigureAwait(false);
                total += deleted;
                if (deleted < options.Value.SweepBatchSize)
                {
                    break;
                }

                // Requests go first: of the time that a sweep takes, it leaves the store to them for four fifths.
                await Task.Delay(clock.GetElapsedTime(start) * 4, clock, ct).ConfigureAwait(false);
            }

            logger.Swept(total);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The host is stopping; what is left is swept next time.
        }
        catch (Exception fault)
        {
            // Nobody else would tell, and the next sweep may well succeed.
            logger.SweepFailed(fault);
        }
    }
}
