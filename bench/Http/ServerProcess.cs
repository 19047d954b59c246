using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace KvSessions.Bench;

/// <summary>A subject that runs as a process of its own, with sessions in it.</summary>
internal sealed class ServerProcess : IDisposable
{
    private const int Sessions = 200;

    private readonly Process _process;
    private readonly HttpClient _client;

    private ServerProcess(string subject, string url, string cookies, Process process)
    {
        (Subject, Url, Cookies, _process) = (subject, url, cookies, process);
        _client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(url) };
    }

    public string Subject { get; }

    public string Url { get; }

    /// <summary>A file with the cookies of the sessions, one a line.</summary>
    public string Cookies { get; }

    public static async Task<ServerProcess> StartAsync(string subject, Options options)
    {
        var url = $"http://127.0.0.1:{FreePort()}";
        var process = Process.Start(Environment.ProcessPath!, [$"--serve={subject}", $"--urls={url}", $"--directory={options.Directory}", $"--redis={options.Redis}", $"--postgres={options.Postgres}"]);
        var server = new ServerProcess(subject, url, Path.Combine(options.Directory, $"{subject}.cookies"), process);
        await server.WaitAsync();
        await server.SeedAsync();
        return server;
    }

    public async Task<Usage> UsageAsync() => await _client.GetFromJsonAsync<Usage>(Usage.Path);

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _client.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task WaitAsync()
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await UsageAsync();
                return;
            }
            catch (HttpRequestException) when (attempt < 300 && !_process.HasExited)
            {
                await Task.Delay(100);
            }
        }
    }

    private async Task SeedAsync()
    {
        var cookies = new List<string>();
        while (cookies.Count < Sessions)
        {
            using var response = await _client.GetAsync("/seed");
            var cookie = response.EnsureSuccessStatusCode().Headers.GetValues("Set-Cookie").Single();
            cookies.Add(cookie.Split(';')[0]);
        }

        await File.WriteAllLinesAsync(Cookies, cookies);
    }
}
