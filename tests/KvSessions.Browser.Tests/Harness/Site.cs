using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Data.Sqlite;

namespace KvSessions.Browser.Tests;

/// <summary>The sample, as a process of its own on a free port, with a database of its own that outlives the process.</summary>
public sealed class Site : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly string _directory = Directory.CreateTempSubdirectory("kvsessions-browser-").FullName;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly List<string> _arguments = [];
    private string _url;
    private Process? _process;

    private Site(bool https, IEnumerable<string> arguments)
    {
        // What a browser is shown is asked here, and not how soon: a machine that pauses for a second must not look like a store that is down.
        _arguments.AddRange(["--KvSessions:OperationTimeout", "00:00:30", .. arguments]);
        _url = $"{(https ? "https" : "http")}://127.0.0.1:0";
        if (https)
        {
            var path = Path.Combine(_directory, "certificate.pfx");
            using var certificate = Certificate.Create();
            File.WriteAllBytes(path, certificate.Export(X509ContentType.Pfx));
            _arguments.Add($"--Kestrel:Certificates:Default:Path={path}");
        }
    }

    public string Url => _url;

    /// <summary>What the application has complained of.</summary>
    public IReadOnlyList<string> Faults => [.. _output.Where(static line => line is ['f', 'a', 'i', 'l', ':', ..] or ['c', 'r', 'i', 't', ':', ..])];

    public string Output => string.Join(Environment.NewLine, _output);

    private string Database => Path.Combine(_directory, "accounts.db");

    public static async Task<Site> StartAsync(bool https = false, params IEnumerable<string> arguments)
    {
        var site = new Site(https, arguments);
        try
        {
            await site.StartProcessAsync();
            return site;
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the process without a word of warning, and starts another on the same database and port.</summary>
    public async Task RestartAsync()
    {
        await KillAsync();
        await StartProcessAsync();
    }

    /// <summary>Makes every session older by so much, as seen by a new process: the clock that decides cannot be moved.</summary>
    public async Task LetTimePassAsync(TimeSpan time)
    {
        await KillAsync();
        await ExecuteAsync(
            """
            UPDATE kv_sessions SET
                created_at = created_at - $time,
                last_seen_at = last_seen_at - $time,
                absolute_expires_at = absolute_expires_at - $time,
                expires_at = expires_at - $time
            """,
            time.Ticks);
        await StartProcessAsync();
    }

    /// <summary>Waits until no session's idleness is older than so much: touches are written behind the response.</summary>
    public async Task WaitForTouchAsync(TimeSpan age)
    {
        var patience = Stopwatch.StartNew();
        while (await ExecuteAsync("SELECT count(*) FROM kv_sessions WHERE last_seen_at < $time", (TimeProvider.System.GetUtcNow() - age).Ticks) is not 0L)
        {
            Assert.True(patience.Elapsed < Deadline, "No touch was written.");
            await Task.Delay(PollInterval);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task StartProcessAsync()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = _directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (IEnumerable<string>)[BuildFacts.AccountsAssembly, "--urls", _url, "--database", Database, .. _arguments])
        {
            start.ArgumentList.Add(argument);
        }

        var listening = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Hear(line.Data, listening);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data, listening);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();

        var ended = _process.WaitForExitAsync();
        if (await Task.WhenAny(listening.Task, ended).WaitAsync(Deadline) == ended)
        {
            throw new InvalidOperationException($"The sample ended before it listened:{Environment.NewLine}{Output}");
        }

        _url = await listening.Task;
    }

    private void Hear(string? line, TaskCompletionSource<string> listening)
    {
        if (line is null)
        {
            return;
        }

        _output.Enqueue(line);
        if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
        {
            listening.TrySetResult(line[(at + Listening.Length)..].Trim());
        }
    }

    private async Task KillAsync()
    {
        if (_process is null)
        {
            return;
        }

        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    private async Task<object?> ExecuteAsync(string statement, long time)
    {
        await using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        command.Parameters.AddWithValue("$time", time);
        return await command.ExecuteScalarAsync();
    }
}
