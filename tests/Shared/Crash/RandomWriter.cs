namespace KvSessions.Tests.Crash;

/// <summary>
/// A client that makes random writes, one after another, to a few sessions of its own and to the shared one, and reports each before it
/// is made and after it was answered.
/// </summary>
internal sealed class RandomWriter(ISessionStore store, WriteReport report, string name, int seed, SessionHandle? shared)
{
    private const int MostSessions = 6;
    private static readonly string[] Keys = ["cart", "theme", "form", "list", "note"];

    // The first fills a page of most databases, and the second several.
    private static readonly int[] Sizes = [12, 40, 200, 900, 5_000, 20_000];
    private static readonly TimeSpan PauseAfterFault = TimeSpan.FromMilliseconds(10);

    private readonly Random _random = new(seed);
    private readonly List<SessionState> _sessions = [];

    /// <summary>Writes until <paramref name="stop"/> is cancelled; the call that is under way then is finished.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await WriteAsync();
        }
    }

    /// <summary>Makes one random write.</summary>
    public async Task WriteAsync()
    {
        var number = report.NextNumber();
        var dice = _random.Next(100);
        if (shared is { } common && dice < 10)
        {
            await MakeAsync(new(number, name, WriteVerb.Save, common) { Sets = new Dictionary<string, string> { [name] = NewValue(number) } });
            return;
        }

        if (_sessions.Count == 0 || (_sessions.Count < MostSessions && dice < 30))
        {
            await WriteOwnAsync(null, new(number, name, WriteVerb.Create, SessionId.New().Handle) { Subject = NewSubject(), Sets = NewValues(number) });
            return;
        }

        var session = _sessions[_random.Next(_sessions.Count)];
        await WriteOwnAsync(session, dice switch
        {
            < 60 => new(number, name, WriteVerb.Save, session.Handle)
            {
                Clears = _random.Next(8) == 0,
                ExpectedVersion = _random.Next(2) == 0 ? session.Version : null,
                Sets = NewValues(number),
            },
            < 70 => new(number, name, WriteVerb.Save, session.Handle) { Removes = [Keys[_random.Next(Keys.Length)]] },
            < 78 => new(number, name, WriteVerb.Touch, session.Handle),
            < 90 => new(number, name, WriteVerb.Renew, session.Handle)
            {
                Renewed = SessionId.New().Handle,
                ExpectedVersion = session.Version,
                Subject = NewSubject(),
            },
            _ => new(number, name, WriteVerb.Delete, session.Handle),
        });
    }

    private async Task WriteOwnAsync(SessionState? before, WriteCall call)
    {
        var answer = await MakeAsync(call, before);
        if (answer.Outcome == WriteOutcome.Refused)
        {
            return;
        }

        // What becomes of a session is not known after any other end of a call, so that it is left alone from then on.
        _sessions.RemoveAll(session => session == before);
        if (answer.Outcome == WriteOutcome.Applied && SessionState.Apply(before, call).After is { } after)
        {
            _sessions.Add(after);
        }
    }

    private async Task<WriteAnswer> MakeAsync(WriteCall call, SessionState? before = null)
    {
        report.Add(call);
        WriteAnswer answer;
        try
        {
            answer = await AskAsync(call, before);
        }
        catch (SessionStoreException fault) when (fault.Error is SessionStoreError.Unavailable or SessionStoreError.UnknownOutcome)
        {
            answer = new(call.Number, fault.Error == SessionStoreError.Unavailable ? WriteOutcome.Refused : WriteOutcome.Unknown);
            await Task.Delay(PauseAfterFault);
        }

        report.Add(answer);
        return answer;
    }

    private async ValueTask<WriteAnswer> AskAsync(WriteCall call, SessionState? before) =>
        call.Verb switch
        {
            WriteVerb.Create => new(call.Number, await store.CreateAsync(NewRecord(call, 1, call.Sets!)) ? WriteOutcome.Applied : WriteOutcome.Conflict),
            WriteVerb.Delete => new(call.Number, await store.DeleteAsync(call.Handle) ? WriteOutcome.Applied : WriteOutcome.Gone),
            WriteVerb.Renew => WriteAnswer.Of(
                call.Number, await store.RenewAsync(call.Handle, NewRecord(call, before!.Version + 1, before.Values))),
            WriteVerb.Touch => WriteAnswer.Of(call.Number, await store.SaveAsync(call.Handle, SessionChanges.Touch)),
            _ => WriteAnswer.Of(call.Number, await store.SaveAsync(call.Handle, new SessionChanges
            {
                ExpectedVersion = call.ExpectedVersion,
                Clears = call.Clears,
                Sets = SizedValue.ToValues(call.Sets ?? new Dictionary<string, string>()),
                Removes = new HashSet<string>(call.Removes ?? []),
            })),
        };

    private static SessionRecord NewRecord(WriteCall call, long version, IReadOnlyDictionary<string, string> values)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new()
        {
            Handle = call.Renewed ?? call.Handle,
            Version = version,
            CreatedAt = now,
            LastSeenAt = now,
            Expiry = SessionExpiry.Idle(TimeSpan.FromHours(12)),
            Subject = call.Subject,
            Values = SizedValue.ToValues(values),
        };
    }

    private string? NewSubject() => _random.Next(2) == 0 ? null : $"user-{_random.Next(20)}";

    // One key at least: a save of nothing would be a touch.
    private Dictionary<string, string> NewValues(long number) =>
        _random.GetItems(Keys, _random.Next(1, Keys.Length)).Distinct().ToDictionary(static key => key, _ => NewValue(number));

    private string NewValue(long number) => SizedValue.Name(number, Sizes[_random.Next(Sizes.Length)]);
}
