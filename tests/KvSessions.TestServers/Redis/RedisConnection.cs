using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace KvSessions.TestServers;

/// <summary>One connection to one Redis server, one command at a time: a driver would follow redirections and connect again, which is not wanted here.</summary>
/// <seealso href="https://redis.io/docs/latest/develop/reference/protocol-spec/"/>
internal sealed class RedisConnection : IDisposable
{
    private readonly TcpClient _client;
    private readonly BufferedStream _stream;

    private RedisConnection(TcpClient client)
    {
        _client = client;
        _stream = new(client.GetStream());
    }

    public static async Task<RedisConnection> OpenAsync(string address, int port, CancellationToken cancellationToken)
    {
        var client = new TcpClient { NoDelay = true };
        try
        {
            await client.ConnectAsync(address, port, cancellationToken);
            return new(client);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Sends a command.</summary>
    /// <param name="cancellationToken">Ends the waiting; the connection is of no use afterwards.</param>
    /// <param name="parts">The command and its arguments: strings, bytes and integers.</param>
    /// <returns>A string for a simple one, bytes for a bulk one, a <see cref="long"/>, an array, or <see langword="null"/>.</returns>
    /// <exception cref="TestServersException">The server answers with an error.</exception>
    public async Task<object?> ExecuteAsync(CancellationToken cancellationToken, params object[] parts)
    {
        await WriteLineAsync($"*{parts.Length}", cancellationToken);
        foreach (var part in parts)
        {
            var bytes = part as byte[] ?? Encoding.UTF8.GetBytes(Convert.ToString(part, CultureInfo.InvariantCulture)!);
            await WriteLineAsync($"${bytes.Length}", cancellationToken);
            await _stream.WriteAsync(bytes, cancellationToken);
            await WriteLineAsync("", cancellationToken);
        }

        await _stream.FlushAsync(cancellationToken);
        return await ReadAsync(cancellationToken);
    }

    /// <summary>Sends a command whose answer is text.</summary>
    public async Task<string> ExecuteTextAsync(CancellationToken cancellationToken, params object[] parts) =>
        await ExecuteAsync(cancellationToken, parts) switch
        {
            string text => text,
            byte[] bytes => Encoding.UTF8.GetString(bytes),
            var other => Convert.ToString(other, CultureInfo.InvariantCulture) ?? "",
        };

    // Not the buffer, which would try to send what is left of a command that has failed.
    public void Dispose() => _client.Dispose();

    private ValueTask WriteLineAsync(string line, CancellationToken cancellationToken) => _stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), cancellationToken);

    private async Task<object?> ReadAsync(CancellationToken cancellationToken)
    {
        var line = await ReadLineAsync(cancellationToken);
        switch (line[0])
        {
            case '+':
                return line[1..];
            case '-':
                throw new TestServersException($"Redis answers: {line[1..]}");
            case ':':
                return long.Parse(line.AsSpan(1), CultureInfo.InvariantCulture);
            case '$' when line[1] != '-':
                var bytes = new byte[int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture)];
                await _stream.ReadExactlyAsync(bytes, cancellationToken);
                await ReadLineAsync(cancellationToken);
                return bytes;
            case '*' when line[1] != '-':
                var items = new object?[int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture)];
                for (var i = 0; i < items.Length; i++)
                {
                    items[i] = await ReadAsync(cancellationToken);
                }

                return items;
            default:
                return null;
        }
    }

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (true)
        {
            await _stream.ReadExactlyAsync(one, cancellationToken);
            if (one[0] == '\n')
            {
                return line.ToString(0, line.Length - 1);
            }

            line.Append((char)one[0]);
        }
    }
}
