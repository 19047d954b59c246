using KvSessions.Stores.Memory;
using Microsoft.Extensions.Time.Testing;

namespace KvSessions.Coherence.Tests.Histories;

/// <summary>
/// A random history of three nodes in one process, each with a memory cache over the one store, on a bus with faults. The clock stands
/// still unless the history moves it, and answers of the store can be held, so that whole minutes pass in a moment.
/// </summary>
internal sealed class History
{
    public static readonly TimeSpan OperationTimeout = TimeSpan.FromSeconds(1);

    private const int NodeCount = 3;
    private const int Steps = 150;

    private static readonly TimeSpan MaxStaleness = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Bound = MaxStaleness + TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan DoubtSlack = MaxStaleness / 4;
    private static readonly TimeSpan LatestApplied = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(625);
    private static readonly TimeSpan Standstill = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan CalmStandstill = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan[] Delays =
        [TimeSpan.FromMilliseconds(30), MaxStaleness * 0.2, MaxStaleness * 0.45, MaxStaleness * 0.9, MaxStaleness * 2, Timeout.InfiniteTimeSpan];

    private readonly Random _random;
    private readonly FakeTimeProvider _clock = new();
    private readonly MemoryStore _store;
    private readonly FaultyBus _bus;
    private readonly HistoryNode[] _nodes;
    private readonly List<SessionTrail> _trails = [];
    private readonly List<(HistoryNode Node, Task Call)> _pending = [];
    private readonly List<(TimeSpan Due, Func<Task> Apply)> _late = [];
    private TaskCompletionSource? _hold;
    private TimeSpan _heldAt;
    private TimeSpan _faultyUntil;
    private string? _objection;

    public History(int seed)
    {
        _random = new Random(seed);
        _store = new MemoryStore(null, _clock);
        _bus = new FaultyBus(_clock);
        _nodes = [.. Enumerable.Range(0, NodeCount).Select(_ => new HistoryNode(_store, _bus, _clock, MaxStaleness))];
    }

    /// <summary>How many reads were answered.</summary>
    public int Reads { get; private set; }

    /// <summary>How many writes were applied whose answer was lost.</summary>
    public int LostAnswers { get; private set; }

    /// <summary>How often all nodes trusted when a step began.</summary>
    public int TrustedSteps { get; private set; }

    private TimeSpan Now => _clock.GetUtcNow() - _clock.Start;

    private bool IsFaulty => Array.Exists(_nodes, static node => node.Link.IsFaulty);

    /// <returns>What went wrong; <see langword="null"/> if nothing did.</returns>
    public async Task<string?> RunAsync()
    {
        Advance(TimeSpan.FromSeconds(5));
        if (!Array.TrueForAll(_nodes, static node => node.Coherence.IsTrusted))
        {
            return "The nodes have not come to trust each other.";
        }

        for (var i = 0; i < 3; i++)
        {
            await CreateAsync();
        }

        for (var step = 0; step < Steps && _objection is null; step++)
        {
            TrustedSteps += Array.TrueForAll(_nodes, static node => node.Coherence.IsTrusted) ? 1 : 0;
            await StepAsync();
        }

        await ReleaseAsync();
        foreach (var node in _nodes)
        {
            node.Link.Heal();
        }

        Advance(LatestApplied + DoubtSlack + Bound + Tick);
        foreach (var trail in _trails)
        {
            for (var node = 0; node < NodeCount; node++)
            {
                await FinishAsync(_nodes[node], ReadAsync(node, trail));
            }

            _objection ??= trail.Check(await _store.LoadAsync(trail.Handle));
        }

        return _objection;
    }

    private Task StepAsync()
    {
        var node = _random.Next(NodeCount);
        var trail = _trails[_random.Next(_trails.Count)];
        if (IsFaulty)
        {
            _faultyUntil = Now;
        }

        return _random.Next(100) switch
        {
            < 45 => CallAsync(node, () => ReadAsync(node, trail)),
            < 55 => CallAsync(node, () => SaveAsync(node, trail)),
            < 59 => CallAsync(node, () => DeleteAsync(node, trail)),
            < 63 => CallAsync(node, () => RenewAsync(node, trail)),
            < 65 => _trails.Count < 8 ? CreateAsync() : Task.CompletedTask,
            < 85 => MoveClockAsync(),
            < 89 => ReleaseAsync(),
            < 92 => Heal(),
            _ => Disturb(_nodes[node].Link),
        };
    }

    private async Task MoveClockAsync()
    {
        var by = _random.Next(4) switch
        {
            0 => TimeSpan.FromMilliseconds(_random.Next(1, 100)),
            1 => TimeSpan.FromMilliseconds(_random.Next(100, 3_000)),
            2 => MaxStaleness * (0.4 + _random.NextDouble()),
            _ => MaxStaleness * 3 * _random.NextDouble(),
        };

        // No call of a store takes longer.
        if (_hold is not null && Now + by - _heldAt > OperationTimeout)
        {
            await ReleaseAsync();
        }

        Advance(by);
    }

    private Task Heal()
    {
        foreach (var node in _nodes)
        {
            node.Link.Heal();
        }

        return Task.CompletedTask;
    }

    private Task Disturb(BusLink link)
    {
        _faultyUntil = Now;
        switch (_random.Next(9))
        {
            case 0:
                link.DelayUp = Delays[_random.Next(Delays.Length)];
                break;
            case 1:
                link.DelayDown = Delays[_random.Next(Delays.Length)];
                break;
            case 2:
                link.RefusesToSend = true;
                break;
            case 3:
                link.LosesAnswers = true;
                break;
            case 4:
                link.RefusesToListen = true;
                link.Cut();
                break;
            case 5:
                link.Tamper = message => _random.Next(3) == 0 ? [] : [message];
                break;
            case 6:
                link.Tamper = message => _random.Next(3) == 0 ? [message, message] : [message];
                break;
            case 7:
                ReadOnlyMemory<byte>? kept = null;
                link.Tamper = message =>
                {
                    if (kept is { } older)
                    {
                        kept = null;
                        return [message, older];
                    }

                    kept = message;
                    return [];
                };
                break;
            default:
                link.Cut();
                break;
        }

        return Task.CompletedTask;
    }

    // Now and then the store's answer is held, and everything else on that node with it, until the history lets go.
    private async Task CallAsync(int index, Func<Task> call)
    {
        var node = _nodes[index];
        if (_hold is null && _random.Next(6) == 0)
        {
            (_hold, _heldAt) = (new(), Now);
            node.Store.Hold = _hold.Task;
        }

        var task = call();
        if (node.Store.Hold.IsCompleted)
        {
            await FinishAsync(node, task);
        }
        else
        {
            _pending.Add((node, task));
        }
    }

    private async Task ReleaseAsync()
    {
        if (_hold is null)
        {
            return;
        }

        foreach (var node in _nodes)
        {
            node.Store.Hold = Task.CompletedTask;
        }

        _hold.SetResult();
        _hold = null;
        foreach (var (node, call) in _pending)
        {
            await FinishAsync(node, call);
        }

        _pending.Clear();
    }

    // An announcement waits by the clock of the history, for a message that may be held, or that is not sent before the node tries again.
    // Where nothing is disturbed it waits for neither, and a machine that is slow must not make it look late.
    private async Task FinishAsync(HistoryNode node, Task call)
    {
        for (var waited = System.Diagnostics.Stopwatch.StartNew(); !call.IsCompleted;)
        {
            if (node.Link.IsSending || waited.Elapsed > (IsCalm ? CalmStandstill : Standstill))
            {
                MoveClock(TimeSpan.FromMilliseconds(10));
            }

            await call.WaitAsync(TimeSpan.FromMilliseconds(1), CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Assert.True(waited.Elapsed < Deadline, "A call does not end.");
        }

        await call;
    }

    private async Task CreateAsync()
    {
        var record = NewRecord();
        Assert.True(await _store.CreateAsync(record));
        _trails.Add(new(record.Handle, NodeCount));
    }

    private async Task ReadAsync(int node, SessionTrail trail)
    {
        var (began, bound) = (Now, IsCalm ? TimeSpan.Zero : Bound);
        var record = await _nodes[node].Cache.LoadAsync(trail.Handle);
        Reads++;
        _objection ??= trail.Read(node, began, Now, record?.Version, record is null ? [] : [.. record.Values.Keys], bound);
    }

    private async Task SaveAsync(int node, SessionTrail trail)
    {
        var key = $"k{_random.Next()}";
        var sets = SessionValues.From([KeyValuePair.Create(key, (ReadOnlyMemory<byte>)new byte[] { 1 })]);
        await WriteAsync(
            node,
            store => store.SaveAsync(trail.Handle, new SessionChanges { Sets = sets }),
            (result, slack) =>
            {
                if (result.Status == SaveStatus.Saved)
                {
                    trail.Saved(node, key, result.Version, Now, slack);
                }
            });
    }

    private async Task DeleteAsync(int node, SessionTrail trail)
    {
        trail.BeginEnd(Now);
        await WriteAsync(node, store => store.DeleteAsync(trail.Handle), (_, slack) => trail.Ended(node, Now, slack));
    }

    private async Task RenewAsync(int node, SessionTrail trail)
    {
        if (await _store.LoadAsync(trail.Handle) is not { } record || trail.IsEnding)
        {
            return;
        }

        trail.BeginEnd(Now);
        var renewed = record with { Handle = SessionId.New().Handle, Version = record.Version + 1 };
        await WriteAsync(
            node,
            store => store.RenewAsync(trail.Handle, renewed),
            (result, slack) =>
            {
                if (result.Status == SaveStatus.Saved)
                {
                    trail.Ended(node, Now, slack);
                    _trails.Add(new(renewed.Handle, NodeCount));
                }
            });
    }

    // Now and then the answer gets lost, and the write is applied at once, later, or never.
    private async Task WriteAsync<T>(int node, Func<ISessionStore, ValueTask<T>> write, Action<T, TimeSpan> note)
    {
        if (_random.Next(8) == 0)
        {
            _nodes[node].Store.Lose = () => Lose(async () => note(await write(_store), DoubtSlack));
        }

        try
        {
            note(await write(_nodes[node].Cache), TimeSpan.Zero);
        }
        catch (SessionStoreException fault) when (fault.Error == SessionStoreError.UnknownOutcome)
        {
            // It is noted when it is applied.
        }
    }

    private void Lose(Func<Task> write)
    {
        switch (_random.Next(3))
        {
            case 0:
                Apply(write);
                break;
            case 1:
                _late.Add((Now + (LatestApplied * _random.NextDouble()), write));
                break;
        }
    }

    /// <summary>
    /// Whether there has been no fault for so long that every write is seen at once. On a slow machine the nodes may be behind the clock of the
    /// history, and then they do not trust each other.
    /// </summary>
    private bool IsCalm =>
        !IsFaulty && Now - _faultyUntil > 3 * MaxStaleness && Array.TrueForAll(_nodes, static node => node.Coherence.IsTrusted);

    private SessionRecord NewRecord() =>
        new()
        {
            Handle = SessionId.New().Handle,
            Version = 1,
            CreatedAt = _clock.GetUtcNow(),
            LastSeenAt = _clock.GetUtcNow(),
            Expiry = SessionExpiry.Idle(TimeSpan.FromDays(1)),
            Values = SessionValues.Empty,
        };

    private void Advance(TimeSpan by)
    {
        for (var until = Now + by; Now < until;)
        {
            MoveClock(until - Now < Tick ? until - Now : Tick);
        }
    }

    private void MoveClock(TimeSpan by)
    {
        _clock.AdvanceAndWait(by);
        foreach (var write in _late.FindAll(write => write.Due <= Now))
        {
            _late.Remove(write);
            Apply(write.Apply);
        }
    }

    private void Apply(Func<Task> write)
    {
        // The store is in memory: it is done at once.
        Assert.True(write().IsCompletedSuccessfully);
        LostAnswers++;
    }
}
