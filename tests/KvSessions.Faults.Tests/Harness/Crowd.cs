using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Text;
using KvSessions.Tests.Crash;

namespace KvSessions.Faults.Tests;

/// <summary>
/// The clients of an application, each making one call after another: some write and report it, one reads, one revokes. They retry
/// nothing, and leave a session alone after a write of unknown outcome.
/// </summary>
internal sealed class Crowd : IAsyncDisposable
{
    private const int Writers = 5;

    /// <summary>So many answers in a row are no accident.</summary>
    private const int Enough = 10;

    private readonly CancellationTokenSource _stop = new();
    private readonly MemoryStream _report = new();
    private readonly List<ClientCalls> _calls = [];
    private readonly AcknowledgedWrites _writes;
    private readonly Revoker _revoker;
    private readonly List<Task> _running;

    private Crowd(Application application, SessionRecord bystander, SessionHandle shared, int seed)
    {
        var dead = new Graveyard();
        var report = new WriteReport(_report);
        _writes = new AcknowledgedWrites(shared);
        _revoker = new Revoker(NewCalls());
        var reader = new Reader(NewCalls(), bystander, dead, seed);
        var writers = Enumerable.Range(0, Writers)
            .Select(writer => new RandomWriter(NewCalls(), report, $"{writer}", seed + writer, shared))
            .ToList();
        _running =
        [
            Task.Run(() => _revoker.RunAsync(_stop.Token)),
            Task.Run(() => reader.RunAsync(_stop.Token)),
            .. writers.Select(writer => Task.Run(() => writer.RunAsync(_stop.Token))),
        ];

        ClientCalls NewCalls()
        {
            var calls = new ClientCalls(application.Calls, dead);
            _calls.Add(calls);
            return calls;
        }
    }

    /// <summary>How many calls are under way.</summary>
    public int InFlight => _calls.Count(static calls => calls.IsCalling);

    /// <summary>How many calls were answered, reads too.</summary>
    public int Answered => _calls.Sum(static calls => calls.Answered);

    /// <summary>How long the longest call of any client took, and how it ended.</summary>
    public (TimeSpan Took, string End) LongestCall => _calls.Select(static calls => calls.Longest).MaxBy(static longest => longest.Took);

    /// <summary>What the writers were answered, once that was checked.</summary>
    public AcknowledgedWrites Writes => _writes;

    /// <summary>How often which fault was reported.</summary>
    public IReadOnlyList<(string Fault, int Count)> Faults =>
        [.. _calls.SelectMany(static calls => calls.Faults).GroupBy(static fault => fault.Key, static fault => fault.Value)
            .Select(static counts => (counts.Key, counts.Sum())).OrderByDescending(static fault => fault.Item2)];

    public static async Task<Crowd> StartAsync(Target target, Application application, int seed)
    {
        var (bystander, shared) = (Records.New($"bystander-{SessionId.New().Handle}"), Records.New());
        var store = target.PatientStore();
        await using (store as IAsyncDisposable)
        {
            Assert.True(await store.CreateAsync(bystander));
            Assert.True(await store.CreateAsync(shared));
        }

        return new Crowd(application, bystander, shared.Handle, seed);
    }

    /// <summary>Waits until every client was answered <paramref name="times"/> times more.</summary>
    public Task AnsweredAsync(int times) => GrowAsync(static calls => calls.Answered, times, "every client was answered");

    /// <summary>Waits until of every client <paramref name="times"/> more calls have ended, answered or failed.</summary>
    public Task EndedAsync(int times) => GrowAsync(static calls => calls.Ended, times, "calls of every client have ended");

    /// <summary>Waits until a fault was reported whose message holds <paramref name="text"/>.</summary>
    public Task ReportedAsync(string text) =>
        EventuallyAsync(() => Faults.Any(fault => fault.Fault.Contains(text, StringComparison.Ordinal)), $"a fault was reported that says: {text}");

    /// <summary>Waits until every client is answered time after time.</summary>
    /// <returns>How long it took from now until the last call that failed.</returns>
    public async Task<TimeSpan> RecoveredAsync()
    {
        var back = Stopwatch.GetTimestamp();
        _calls.ForEach(static calls => calls.StartOver());
        await EventuallyAsync(() => _calls.TrueForAll(static calls => calls.InARow >= Enough), "every client is answered again");
        return Stopwatch.GetElapsedTime(back, Math.Max(back, _calls.Max(static calls => calls.LastFailure)));
    }

    /// <summary>Lets every client finish the call that it is making, and no more.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
    }

    /// <summary>Holds a store against all that the clients were answered. Only after <see cref="StopAsync"/>.</summary>
    /// <returns>What is wrong.</returns>
    public async Task<IReadOnlyList<string>> CheckAsync(ISessionStore store)
    {
        if (_report.Length > 0)
        {
            _writes.Add(Encoding.UTF8.GetString(_report.ToArray()));
            _report.SetLength(0);
        }

        return [.. await _writes.CheckAsync(store), .. await _revoker.CheckAsync(store)];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private Task GrowAsync(Func<ClientCalls, int> count, int by, string what)
    {
        var before = _calls.ConvertAll(calls => count(calls));
        return EventuallyAsync(() => _calls.Zip(before).All(each => count(each.First) >= each.Second + by), what);
    }

    private Task EventuallyAsync(Func<bool> condition, string what) =>
        Eventually.TrueAsync(
            () =>
            {
                // A client that has met something that may not be, and gone home.
                if (_running.Find(static client => client.IsFaulted)?.Exception?.InnerException is { } broken)
                {
                    ExceptionDispatchInfo.Throw(broken);
                }

                return condition();
            },
            what);
}
