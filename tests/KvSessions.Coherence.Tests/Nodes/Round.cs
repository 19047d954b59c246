using System.Collections.Concurrent;
using System.Diagnostics;
using KvSessions.Coherence.Tests.Histories;
using KvSessions.TestServers;

namespace KvSessions.Coherence.Tests.Nodes;

/// <summary>Some seconds in which every node reads and writes the same sessions while their backplanes are disturbed.</summary>
internal sealed class Round(RemoteNode[] nodes, int seed, int sessionCount)
{
    private readonly SessionTrail[] _current = new SessionTrail[sessionCount];
    private readonly ConcurrentBag<SessionTrail> _all = [];
    private readonly ConcurrentBag<(SessionTrail Trail, int Node, NodeAnswer Answer)> _reads = [];
    private int _writes;
    private int _ends;
    private int _disturbances;
    private int _hits;

    public async Task CreateAsync()
    {
        for (var i = 0; i < sessionCount; i++)
        {
            await CreateAsync(i % nodes.Length, i);
        }
    }

    /// <summary>Reads and writes on one node until it is time to stop.</summary>
    public async Task WorkAsync(int node, int worker, CancellationToken end)
    {
        var random = new Random(seed ^ (31 * ((nodes.Length * worker) + node + 1)));
        while (!end.IsCancellationRequested)
        {
            var index = random.Next(sessionCount);
            var trail = Volatile.Read(ref _current[index]);
            await (random.Next(100) switch
            {
                < 84 => ReadAsync(node, trail),
                < 94 => SaveAsync(node, trail, $"k{random.Next()}"),
                < 97 => EndAsync(node, trail, index, isRenewed: false),
                _ => EndAsync(node, trail, index, isRenewed: true),
            });
        }
    }

    /// <summary>Disturbs one backplane after the other until it is time to stop.</summary>
    public async Task DisturbAsync(CancellationToken end)
    {
        var random = new Random(seed);
        while (!end.IsCancellationRequested)
        {
            var node = nodes[random.Next(nodes.Length)];
            _disturbances++;
            switch (random.Next(9))
            {
                case 0:
                    node.Proxy.Cut();
                    break;
                case 1:
                    node.Proxy.Refuse();
                    break;
                case 2:
                    (node.Proxy.ToServer, node.Proxy.ToClient) = (Forwarding.Held, Forwarding.Held);
                    break;
                case 3:
                    node.Proxy.ToServer = Forwarding.Held;
                    break;
                case 4:
                    node.Proxy.ToClient = Forwarding.Held;
                    break;
                case 5:
                    node.Proxy.Delay = TimeSpan.FromMilliseconds(random.Next(50, 1_500));
                    break;
                case 6:
                    await node.CallAsync(NodeVerb.Tamper, tampering: (Tampering)random.Next(1, 4));
                    break;
                default:
                    await HealAsync();
                    break;
            }

            await Task.Delay(random.Next(100, 1_500), end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async Task HealAsync()
    {
        foreach (var node in nodes)
        {
            node.Proxy.Heal();
            await node.CallAsync(NodeVerb.Tamper);
        }
    }

    /// <summary>Judges every answer, when all of them are known, and what the nodes see in the end.</summary>
    public async Task<List<string>> JudgeAsync(TimeSpan bound)
    {
        // Whatever the round left in a cache is as old as it may become.
        await Task.Delay(bound);
        foreach (var trail in _all)
        {
            for (var node = 0; node < nodes.Length; node++)
            {
                await ReadAsync(node, trail);
            }
        }

        var objections = new List<string>();
        foreach (var (trail, node, answer) in _reads.OrderBy(static read => read.Answer.Ended))
        {
            var objection = answer.Fault is { } fault
                ? $"Node {node}: {fault}"
                : trail.Read(node, answer.Began, answer.Ended, answer.IsThere ? answer.Version : null, answer.Keys ?? [], bound);
            if (objection is not null)
            {
                objections.Add(objection);
            }
        }

        return objections;
    }

    public override string ToString() =>
        $"{_reads.Count} reads, {_hits} of them in less than a tenth of a millisecond; {_writes} saves, {_ends} ends, {_disturbances} disturbances.";

    private async Task CreateAsync(int node, int index)
    {
        var trail = new SessionTrail(SessionId.New().Handle, nodes.Length);
        Assert.True((await nodes[node].CallAsync(NodeVerb.Create, trail.Handle)).IsThere);
        Add(trail, index);
    }

    private void Add(SessionTrail trail, int index)
    {
        _all.Add(trail);
        Volatile.Write(ref _current[index], trail);
    }

    private async Task ReadAsync(int node, SessionTrail trail)
    {
        var answer = await nodes[node].CallAsync(NodeVerb.Read, trail.Handle);
        _reads.Add((trail, node, answer));
        if (answer.Ended - answer.Began < TimeSpan.FromMilliseconds(0.1))
        {
            Interlocked.Increment(ref _hits);
        }
    }

    private async Task SaveAsync(int node, SessionTrail trail, string key)
    {
        var answer = await nodes[node].CallAsync(NodeVerb.Save, trail.Handle, key);
        if (answer.IsThere)
        {
            Interlocked.Increment(ref _writes);
            trail.Saved(node, key, answer.Version, answer.Ended);
        }
    }

    private async Task EndAsync(int node, SessionTrail trail, int index, bool isRenewed)
    {
        // One at a time: what others see of two of them is another question.
        if (!trail.TryBeginEnd(Stopwatch.GetElapsedTime(0)))
        {
            return;
        }

        if (isRenewed)
        {
            var renewed = new SessionTrail(SessionId.New().Handle, nodes.Length);
            if ((await nodes[node].CallAsync(NodeVerb.Renew, trail.Handle, renewed.Handle.ToString())) is { IsThere: true } answer)
            {
                Interlocked.Increment(ref _ends);
                trail.Ended(node, answer.Ended);
                Add(renewed, index);
                return;
            }

            // A save slipped in between, and nothing has changed; then it is deleted, for its end has been announced here.
        }

        var deleted = await nodes[node].CallAsync(NodeVerb.Delete, trail.Handle);
        if (deleted.Fault is null)
        {
            Interlocked.Increment(ref _ends);
            trail.Ended(node, deleted.Ended);
        }

        await CreateAsync(node, index);
    }
}
