using System.Diagnostics;

namespace KvSessions.TestServers.Hosting;

/// <summary>Waits until a server answers.</summary>
internal static class Readiness
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <param name="host">Where it runs.</param>
    /// <param name="probe">Asks it; throws while it is not ready.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="TestServersException">It has ended, or has not answered for a minute.</exception>
    public static async Task WaitAsync(ServerHost host, Func<CancellationToken, Task> probe, CancellationToken cancellationToken)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(PollInterval, cancellationToken))
        {
            try
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                patience.CancelAfter(TimeSpan.FromSeconds(5));
                await probe(patience.Token);
                return;
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
            {
                if (waited.Elapsed > Deadline || await host.HasEndedAsync(cancellationToken))
                {
                    throw new TestServersException(
                        $"The server ({host.Origin}, {host.Address}:{host.Port}) does not answer: {error.Message}{Environment.NewLine}{await LogEndAsync(host, cancellationToken)}", error);
                }
            }
        }
    }

    private static async Task<string> LogEndAsync(ServerHost host, CancellationToken cancellationToken) =>
        host is NamedServer ? "" : string.Join(Environment.NewLine, (await host.ReadLogAsync(cancellationToken)).Split('\n').TakeLast(20));
}
