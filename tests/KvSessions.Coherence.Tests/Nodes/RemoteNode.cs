using System.Collections.Concurrent;
using System.Diagnostics;
using KvSessions.TestServers;

namespace KvSessions.Coherence.Tests.Nodes;

/// <summary>A node process as the test sees it, with the proxy between it and the server of its messages.</summary>
internal sealed class RemoteNode : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentDictionary<long, TaskCompletionSource<NodeAnswer>> _open = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Task _reading;
    private long _number;

    private RemoteNode(Process process, TcpProxy proxy)
    {
        (_process, Proxy) = (process, proxy);
        _reading = ReadAsync();
    }

    public TcpProxy Proxy { get; }

    /// <param name="kind">Which server.</param>
    /// <param name="sessions">How it reaches the server for sessions.</param>
    /// <param name="messages">How it reaches it for messages.</param>
    /// <param name="proxy">The proxy that those go through; disposed with the node.</param>
    /// <param name="channel">What sets it apart from other tests.</param>
    /// <param name="maxStaleness">The longest staleness.</param>
    public static async Task<RemoteNode> StartAsync(
        string kind, string sessions, string messages, TcpProxy proxy, string channel, TimeSpan maxStaleness)
    {
        // By the assembly and not by the executable: it may have been started either way.
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])
            [typeof(RemoteNode).Assembly.Location, NodeProcess.Argument, kind, sessions, messages, channel, $"{maxStaleness.TotalMilliseconds:0}"])
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        Assert.Equal("ready", await process.StandardOutput.ReadLineAsync());
        return new RemoteNode(process, proxy);
    }

    public async Task<NodeAnswer> CallAsync(NodeVerb verb, SessionHandle? handle = null, string? text = null, Tampering tampering = default)
    {
        var call = new NodeCall(Interlocked.Increment(ref _number), verb, handle?.ToString(), text, tampering);
        var answer = new TaskCompletionSource<NodeAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _open[call.Number] = answer;
        await _writing.WaitAsync();
        try
        {
            await _process.StandardInput.WriteLineAsync(call.ToLine());
            await _process.StandardInput.FlushAsync();
        }
        finally
        {
            _writing.Release();
        }

        return await answer.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await _process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _reading;
        _process.Dispose();
        _writing.Dispose();
        await Proxy.DisposeAsync();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var answer = NodeAnswer.Parse(line);
            if (_open.TryRemove(answer.Number, out var open))
            {
                open.SetResult(answer);
            }
        }
    }
}
