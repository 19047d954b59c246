using System.Globalization;
using System.Security.Cryptography;
using KvSessions.Coherence.Tests.Backplanes;
using KvSessions.TestServers;

namespace KvSessions.Coherence.Tests.Nodes;

/// <summary>
/// Three nodes in three processes over one real server, each with a proxy of its own between it and its backplane. For every 500 of
/// <c>KVSESSIONS_HISTORIES</c> there is one round; 2 by default. <c>KVSESSIONS_HISTORY_SEED</c> is the seed.
/// </summary>
public abstract class NodeTests(BackplaneTarget target, string kind, ITestOutputHelper output)
{
    private const int NodeCount = 3;
    private const int SessionCount = 6;
    private const int WorkersPerNode = 2;
    private const int HistoriesPerRound = 500;
    private const int DefaultRounds = 2;
    private const int DefaultRevocations = 300;

    private static readonly TimeSpan MaxStaleness = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan Bound = MaxStaleness + TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RoundTime = TimeSpan.FromSeconds(6);

    [Fact]
    public async Task No_node_serves_what_was_outdated_longer_ago_than_the_bound_goes_back_or_loses_a_write()
    {
        var seed = Number("KVSESSIONS_HISTORY_SEED") ?? RandomNumberGenerator.GetInt32(int.MaxValue / 2);
        var rounds = Number("KVSESSIONS_HISTORIES") is { } histories ? Math.Max(1, histories / HistoriesPerRound) : DefaultRounds;
        output.WriteLine($"{rounds} rounds, KVSESSIONS_HISTORY_SEED={seed}");
        var nodes = await StartAsync();
        try
        {
            for (var round = 0; round < rounds; round++)
            {
                await TrustedAsync(nodes);
                var objections = await RunAsync(nodes, seed + round);
                Assert.True(objections.Count == 0, $"KVSESSIONS_HISTORY_SEED={seed + round}: {string.Join('\n', objections.Take(5))}");
            }
        }
        finally
        {
            await StopAsync(nodes);
        }
    }

    /// <summary><c>KVSESSIONS_REVOCATIONS</c> says of how many; 300 by default.</summary>
    [Fact]
    public async Task A_revocation_is_seen_on_the_other_nodes_in_milliseconds()
    {
        var count = Number("KVSESSIONS_REVOCATIONS") ?? DefaultRevocations;
        var nodes = await StartAsync();
        try
        {
            await TrustedAsync(nodes);
            var (sinceCall, sinceAnswer) = (new List<double>(), new List<double>());
            for (var i = 0; i < count; i++)
            {
                var handle = SessionId.New().Handle;
                Assert.True((await nodes[0].CallAsync(NodeVerb.Create, handle)).IsThere);
                var others = nodes[1..];
                Assert.All(await Task.WhenAll(others.Select(node => node.CallAsync(NodeVerb.Read, handle))), static answer => Assert.True(answer.IsThere));
                var hearing = others.Select(node => node.CallAsync(NodeVerb.Hear, handle)).ToList();
                var deleted = await nodes[0].CallAsync(NodeVerb.Delete, handle);
                Assert.True(deleted.IsThere, deleted.Fault);
                foreach (var heard in await Task.WhenAll(hearing))
                {
                    sinceCall.Add((heard.Ended - deleted.Began).TotalMilliseconds);
                    sinceAnswer.Add((heard.Ended - deleted.Ended).TotalMilliseconds);
                }

                Assert.All(await Task.WhenAll(others.Select(node => node.CallAsync(NodeVerb.Read, handle))), static answer => Assert.False(answer.IsThere));
            }

            output.WriteLine($"{count} revocations, each seen by two nodes; milliseconds from the call: {Figures(sinceCall)}; from its answer: {Figures(sinceAnswer)}");
            Assert.True(At(sinceCall, 0.5) < 50, "The median is 50 milliseconds or more.");
        }
        finally
        {
            await StopAsync(nodes);
        }
    }

    private static string Figures(List<double> times) =>
        string.Create(CultureInfo.InvariantCulture, $"median {At(times, 0.5):0.00}, 99% {At(times, 0.99):0.00}, 99.9% {At(times, 0.999):0.00}, longest {At(times, 1):0.00}");

    private static double At(List<double> times, double part)
    {
        times.Sort();
        return times[Math.Min(times.Count - 1, (int)(part * times.Count))];
    }

    private async Task<RemoteNode[]> StartAsync()
    {
        var channel = $"test.{Convert.ToHexStringLower(SessionId.New().Handle.ToByteArray().AsSpan(0, 8))}";
        return await Task.WhenAll(Enumerable.Range(0, NodeCount).Select(_ =>
        {
            var proxy = TcpProxy.Start(target.Server);
            return RemoteNode.StartAsync(kind, target.Connection, target.Through(proxy), proxy, channel, MaxStaleness);
        }));
    }

    private static async Task StopAsync(RemoteNode[] nodes)
    {
        foreach (var node in nodes)
        {
            node.Proxy.Heal();
            await node.DisposeAsync();
        }
    }

    private static Task TrustedAsync(RemoteNode[] nodes) =>
        Eventually.TrueAsync(
            async () => (await Task.WhenAll(nodes.Select(static node => node.CallAsync(NodeVerb.IsTrusted)))).All(static answer => answer.IsThere),
            "the nodes trust each other");

    private async Task<List<string>> RunAsync(RemoteNode[] nodes, int seed)
    {
        var round = new Round(nodes, seed, SessionCount);
        await round.CreateAsync();
        using var end = new CancellationTokenSource(RoundTime);
        var workers = nodes.SelectMany((_, node) => Enumerable.Range(0, WorkersPerNode).Select(worker => Task.Run(() => round.WorkAsync(node, worker, end.Token)))).ToList();
        await round.DisturbAsync(end.Token);
        await Task.WhenAll(workers);
        await round.HealAsync();
        await TrustedAsync(nodes);
        var objections = await round.JudgeAsync(Bound);
        output.WriteLine(round.ToString());
        return objections;
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
