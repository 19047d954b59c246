using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace KvSessions.Stores.Postgres.Tests;

/// <summary>
/// A PgBouncer in transaction mode before the server of the tests: Debian's package <c>pgbouncer</c>, or the executable that
/// <c>KVSESSIONS_TEST_PGBOUNCER</c> names.
/// </summary>
internal sealed class PgBouncer : IAsyncDisposable
{
    private const string Variable = "KVSESSIONS_TEST_PGBOUNCER";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly string _directory;

    private PgBouncer(Process process, string directory, int port) => (_process, _directory, Port) = (process, directory, port);

    public int Port { get; }

    /// <param name="server">Where its connections go; everybody may use it.</param>
    /// <param name="poolSize">How many connections to the server its clients share.</param>
    public static async Task<PgBouncer> StartAsync(NpgsqlConnectionStringBuilder server, int poolSize)
    {
        var executable = Environment.GetEnvironmentVariable(Variable) ?? "/usr/sbin/pgbouncer";
        if (!File.Exists(executable))
        {
            throw new InvalidOperationException($"There is no PgBouncer: install Debian's package pgbouncer, or name an executable in {Variable}.");
        }

        var port = FreePort();
        var directory = Directory.CreateTempSubdirectory("kvsessions-pgbouncer-").FullName;
        var configuration = Path.Combine(directory, "pgbouncer.ini");
        await File.WriteAllTextAsync(
            configuration,
            $"""
            [databases]
            sessions = host={server.Host} port={server.Port} dbname={server.Database} user={server.Username} password='{server.Password}'
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            default_pool_size = {poolSize}
            max_client_conn = 200
            """);
        var start = new ProcessStartInfo(executable) { RedirectStandardError = true, RedirectStandardOutput = true };
        if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess)
        {
            // It refuses to run as root, and as another user it must be able to read what it is told.
            File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
            File.SetUnixFileMode(configuration, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
            start.ArgumentList.Add("-u");
            start.ArgumentList.Add("nobody");
        }

        start.ArgumentList.Add(configuration);
        var process = Process.Start(start)!;
        var bouncer = new PgBouncer(process, directory, port);
        try
        {
            await bouncer.WaitUntilReadyAsync();
            return bouncer;
        }
        catch
        {
            await bouncer.DisposeAsync();
            throw;
        }
    }

    /// <summary>What a client of it needs to know.</summary>
    public string ConnectionString(string more) =>
        $"Host=127.0.0.1;Port={Port};Database=sessions;Username=anyone;Password=any;SSL Mode=Disable;GSS Encryption Mode=Disable;{more}";

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task WaitUntilReadyAsync()
    {
        // Its log is read as it comes, so that it never waits for us.
        var log = new List<string>();
        _process.ErrorDataReceived += (_, line) => log.Add(line.Data ?? "");
        _process.OutputDataReceived += (_, line) => log.Add(line.Data ?? "");
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        for (var waited = Stopwatch.StartNew(); ;)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException) when (!_process.HasExited && waited.Elapsed < Patience)
            {
                await Task.Delay(20);
            }
            catch (SocketException)
            {
                throw new InvalidOperationException($"PgBouncer did not start: {string.Join('\n', log)}");
            }
        }
    }

    private static int FreePort()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        return port;
    }
}
