using System.Collections.Concurrent;
using System.Net.Sockets;
using KvSessions.Tests;
using KvSessions.TestServers;

namespace KvSessions.Stores.Redis.Tests;

/// <summary>What a server is sent, by its own account (<c>MONITOR</c>): the commands that name a prefix, without those that scripts run.</summary>
internal sealed class CommandMonitor : IAsyncDisposable
{
    private readonly TcpClient _client;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly string _prefix;
    private readonly Task _reading;

    private CommandMonitor(TcpClient client, StreamReader reader, string prefix)
    {
        _client = client;
        _prefix = prefix;
        _reading = ReadAsync(reader);
    }

    public static async Task<CommandMonitor> StartAsync(RedisServer server, string prefix)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Address, server.Port);
        await client.GetStream().WriteAsync("MONITOR\r\n"u8.ToArray());
        var reader = new StreamReader(client.GetStream());
        Assert.Equal("+OK", await reader.ReadLineAsync());
        return new CommandMonitor(client, reader, prefix);
    }

    /// <summary>The names of the commands that were sent since the last time.</summary>
    public async Task<IReadOnlyList<string>> TakeAsync(RedisScope scope)
    {
        // The server reports in order: when it has reported this, it has reported all before it.
        var mark = $"{_prefix}/mark/{SessionId.New().Handle}";
        await scope.Keys.Database.StringGetAsync(mark);
        await Eventually.TrueAsync(() => _lines.Any(line => line.Contains(mark, StringComparison.Ordinal)), "the server has reported all commands");
        var commands = new List<string>();
        while (_lines.TryDequeue(out var line) && !line.Contains(mark, StringComparison.Ordinal))
        {
            if (line.Contains(_prefix, StringComparison.Ordinal) && !line.Contains(" lua] ", StringComparison.Ordinal))
            {
                commands.Add(line.Split('"')[1].ToUpperInvariant());
            }
        }

        return commands;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _reading;
    }

    private async Task ReadAsync(StreamReader reader)
    {
        try
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                _lines.Enqueue(line);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // Disposed.
        }
    }
}
