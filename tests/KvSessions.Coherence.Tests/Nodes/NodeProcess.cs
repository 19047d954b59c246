using System.Globalization;
using KvSessions.Stores.Postgres;
using KvSessions.Stores.Redis;

namespace KvSessions.Coherence.Tests.Nodes;

/// <summary>A node in a process of its own: does what it is told line by line, any number of calls at once.</summary>
internal static class NodeProcess
{
    public const string Argument = "--node";

    /// <param name="args">Which server, how to reach it for sessions, how for messages, the channel, and the longest staleness in milliseconds.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        var (kind, sessions, messages, channel) = (args[0], args[1], args[2], args[3]);
        var maxStaleness = TimeSpan.FromMilliseconds(int.Parse(args[4], CultureInfo.InvariantCulture));
        ISessionStore store = kind == "redis"
            ? new RedisStore(sessions, new RedisStoreOptions { KeyPrefix = channel })
            : new PostgresStore(new PostgresStoreOptions { ConnectionString = sessions, ConnectTimeout = TimeSpan.FromSeconds(30) });
        ISessionBackplane backplane = kind == "redis"
            ? new RedisBackplane(messages, new RedisBackplaneOptions { KeyPrefix = channel })
            : new PostgresBackplane(new() { ConnectionString = messages, Channel = channel });
        var node = new Node(store, new TamperingBackplane(backplane), maxStaleness);
        using var gate = new SemaphoreSlim(1);
        await Console.Out.WriteLineAsync("ready");
        while (await Console.In.ReadLineAsync() is { Length: > 0 } line)
        {
            _ = Task.Run(async () =>
            {
                var answer = (await node.AnswerAsync(NodeCall.Parse(line))).ToLine();
                await gate.WaitAsync();
                try
                {
                    await Console.Out.WriteLineAsync(answer);
                    await Console.Out.FlushAsync();
                }
                finally
                {
                    gate.Release();
                }
            });
        }

        await node.Coherence.DisposeAsync();
        return 0;
    }
}
