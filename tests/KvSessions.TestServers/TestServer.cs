using System.Diagnostics;
using System.Reflection;
using KvSessions.TestServers.Hosting;
using Xunit;

namespace KvSessions.TestServers;

/// <summary>A real server for tests: as an xunit assembly fixture one for the run, or one of a test's own. It ends with the test process.</summary>
public abstract class TestServer : IAsyncLifetime
{
    private const string LogVariable = "KVSESSIONS_TEST_SERVERS_LOG";

    private ServerHost? _host;

    private protected TestServer()
    {
    }

    /// <summary>Which way the server came: container, binary of this machine, or named by an environment variable.</summary>
    public string Origin => Host.Origin;

    /// <summary>The address that it listens on.</summary>
    public string Address => Host.Address;

    /// <summary>The port that it listens on. It stays the same over stops and starts.</summary>
    public int Port => Host.Port;

    private ServerHost Host => _host ?? throw new InvalidOperationException("The server has not been started.");

    /// <summary>Finds or starts the server; called by xunit for a fixture.</summary>
    /// <returns>A task that ends when the server answers.</returns>
    /// <exception cref="TestServersException">No way led to a server.</exception>
    public ValueTask InitializeAsync() => new(InitializeAsync(FindSharedAsync));

    /// <summary>Starts the server again after <see cref="KillAsync"/> or <see cref="StopAsync"/>, on the same data and the same port.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that ends when the server answers.</returns>
    /// <exception cref="TestServersException">It has ended at once, or has not answered for a minute.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await Host.StartAsync(cancellationToken);
        await WaitAsync(ProbeAsync, cancellationToken);
    }

    /// <summary>Ends the server with SIGKILL, all its processes at once.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that ends when no process of it is left.</returns>
    /// <exception cref="InvalidOperationException">The server is not ours, because an environment variable named it; or it does not run.</exception>
    public Task KillAsync(CancellationToken cancellationToken = default) => Host.KillAsync(cancellationToken);

    /// <summary>Asks the server to end as its operator would (PostgreSQL: fast shutdown; Redis: SIGTERM).</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that ends when it has ended.</returns>
    /// <exception cref="InvalidOperationException">The server is not ours, because an environment variable named it; or it does not run.</exception>
    public Task StopAsync(CancellationToken cancellationToken = default) => Host.StopAsync(cancellationToken);

    /// <summary>Stops the server as its operator would, and starts it again.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that ends when the server answers again.</returns>
    /// <exception cref="InvalidOperationException">The server is not ours, because an environment variable named it; or it does not run.</exception>
    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        await StopAsync(cancellationToken);
        await StartAsync(cancellationToken);
    }

    /// <summary>Freezes the server: connections stay open, and nothing answers.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that ends when it is frozen.</returns>
    /// <exception cref="InvalidOperationException">The server is not ours, because an environment variable named it; or it does not run.</exception>
    public Task PauseAsync(CancellationToken cancellationToken = default) => Host.PauseAsync(cancellationToken);

    /// <summary>Lets a frozen server go on.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that ends when it goes on.</returns>
    /// <exception cref="InvalidOperationException">The server is not ours, because an environment variable named it; or it does not run.</exception>
    public Task ResumeAsync(CancellationToken cancellationToken = default) => Host.ResumeAsync(cancellationToken);

    /// <summary>Whether the server has ended, by itself or by one of these methods.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Whether it no longer runs. One that an environment variable named is taken to run.</returns>
    public Task<bool> HasEndedAsync(CancellationToken cancellationToken = default) => Host.HasEndedAsync(cancellationToken);

    /// <summary>All that the server has written to its log so far.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The log.</returns>
    /// <exception cref="InvalidOperationException">The server is not ours, because an environment variable named it.</exception>
    public Task<string> ReadLogAsync(CancellationToken cancellationToken = default) => Host.ReadLogAsync(cancellationToken);

    /// <summary>Ends the server and removes its data; one that an environment variable named is left alone.</summary>
    /// <returns>A task that ends when nothing is left.</returns>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }

    private protected async Task InitializeAsync(Func<Task<ServerHost>> find)
    {
        var watch = Stopwatch.StartNew();
        _host = await find();
        try
        {
            await StartAsync();
        }
        catch
        {
            await DisposeAsync();
            throw;
        }

        Report($"{GetType().Name}: {Origin}, {Address}:{Port}, ready after {watch.Elapsed.TotalSeconds:0.0} s");
    }

    /// <summary>Waits until a probe no longer throws.</summary>
    internal Task WaitAsync(Func<CancellationToken, Task> probe, CancellationToken cancellationToken = default) => Readiness.WaitAsync(Host, probe, cancellationToken);

    // Test runners show diagnostic messages when asked to, and the build asks for a file that it prints, so that a log always says which way was taken.
    private static void Report(string line)
    {
        TestContext.Current.SendDiagnosticMessage(line);
        if (Environment.GetEnvironmentVariable(LogVariable) is { Length: > 0 } log)
        {
            File.AppendAllText(log, $"{Assembly.GetEntryAssembly()?.GetName().Name}: {line}{Environment.NewLine}");
        }
    }

    /// <summary>Finds a server for the whole run: whichever way leads to one.</summary>
    private protected abstract Task<ServerHost> FindSharedAsync();

    /// <summary>Asks the server anything; throws while it is not ready.</summary>
    private protected abstract Task ProbeAsync(CancellationToken cancellationToken);
}
