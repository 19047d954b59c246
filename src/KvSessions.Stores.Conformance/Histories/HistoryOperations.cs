using System.Text;

namespace KvSessions.Stores.Conformance;

internal sealed record LoadOperation(int Session) : HistoryOperation
{
    public override async Task<string> ExecuteAsync(HistoryClient client, CancellationToken ct)
    {
        var record = await client.Store.LoadAsync(client.Handle(Session), ct);
        if (record is not null)
        {
            client.Saw(Session, record.Version);
        }

        return Describe(client.ToModel(record));
    }

    public override IEnumerable<(string Answer, ModelState Next)> Step(ModelState state) => [(Describe(state.Live(Session)), state)];

    public override string ToString() => $"load {Session}";
}

internal sealed record CreateOperation(int Session, int Value, string? Subject, TimeSpan? Idle, TimeSpan? Lifetime) : HistoryOperation
{
    public override async Task<string> ExecuteAsync(HistoryClient client, CancellationToken ct)
    {
        var created = await client.Store.CreateAsync(client.NewRecord(Session, 1, Value, Subject, Idle, Lifetime), ct);
        if (created)
        {
            client.Saw(Session, 1);
        }

        return created ? "created" : "taken";
    }

    public override IEnumerable<(string Answer, ModelState Next)> Step(ModelState state)
    {
        if (state.IsTaken(Session))
        {
            yield return ("taken", state);
        }

        if (state.Live(Session) is null)
        {
            yield return ("created", state.With(Session, NewSession(state, 1, Value, Subject, Idle, Lifetime)));
        }
    }

    public override string ToString() => $"create {Session}, {Describe(Value, Subject, Idle, Lifetime)}";

    public static ModelSession NewSession(ModelState state, long version, int value, string? subject, TimeSpan? idle, TimeSpan? lifetime) =>
        new(version, new(ModelValues.Empty.Entries.Add("a", value)), state.Now, idle?.Ticks, state.Now + lifetime?.Ticks, subject);

    /// <summary>What a new session is given, in words.</summary>
    public static string Describe(int value, string? subject, TimeSpan? idle, TimeSpan? lifetime) =>
        $"a={value} of {subject ?? "nobody"}, idle {HistoryTime.Span(idle?.Ticks)}, lifetime {HistoryTime.Span(lifetime?.Ticks)}";
}

/// <summary>Saves a key, or clears and sets it, or touches (no key); over any version, or over the one that the client has seen last.</summary>
internal sealed record SaveOperation(int Session, string? Key, int? Value, bool Clears, bool IsExpecting, TimeSpan? Lifetime, long? Expected = null)
    : HistoryOperation
{
    private bool IsTouch => Key is null && !Clears && Lifetime is null;

    public override HistoryOperation Prepare(HistoryClient client) => IsExpecting ? this with { Expected = client.LastSeen(Session) } : this;

    public override async Task<string> ExecuteAsync(HistoryClient client, CancellationToken ct)
    {
        var result = await client.Store.SaveAsync(client.Handle(Session), ToChanges(), ct);
        if (result.Status == SaveStatus.Saved)
        {
            client.Saw(Session, result.Version);
        }

        return Describe(result.Status, result.Version);
    }

    public override IEnumerable<(string Answer, ModelState Next)> Step(ModelState state)
    {
        if (state.Live(Session) is not { } session)
        {
            return [(Describe(SaveStatus.Gone, 0), state)];
        }

        if (Expected is { } expected && expected != session.Version)
        {
            return [(Describe(SaveStatus.Conflict, 0), state)];
        }

        var entries = Clears ? ModelValues.Empty.Entries : session.Values.Entries;
        var next = session with
        {
            Version = IsTouch ? session.Version : session.Version + 1,
            LastSeen = Math.Max(session.LastSeen, state.Now),
            Values = new(Key is null ? entries : Value is { } value ? entries.SetItem(Key, value) : entries.Remove(Key)),
            Idle = Lifetime is null ? session.Idle : null,
            Absolute = Lifetime is { } lifetime ? state.Now + lifetime.Ticks : session.Absolute,
        };
        return [(Describe(SaveStatus.Saved, next.Version), state.With(Session, next))];
    }

    public override string ToString()
    {
        var words = new StringBuilder(IsTouch ? "touch " : "save ").Append(Session);
        words.Append(Clears ? ", cleared" : "");
        words.Append(Key is null ? "" : Value is null ? $", without {Key}" : $", {Key}={Value}");
        words.Append(Lifetime is null ? "" : $", lifetime {HistoryTime.Span(Lifetime?.Ticks)}");
        return words.Append(Expected is null ? "" : $", if v{Expected}").ToString();
    }

    private SessionChanges ToChanges() =>
        new()
        {
            ExpectedVersion = Expected,
            Clears = Clears,
            Sets = Key is not null && Value is { } value ? HistoryClient.Values(Key, value) : SessionValues.Empty,
            Removes = Key is not null && Value is null ? new HashSet<string> { Key } : [],
            Expiry = Lifetime is { } lifetime ? SessionExpiry.In(lifetime) : null,
        };
}

internal sealed record DeleteOperation(int Session) : HistoryOperation
{
    public override async Task<string> ExecuteAsync(HistoryClient client, CancellationToken ct) =>
        await client.Store.DeleteAsync(client.Handle(Session), ct) ? "deleted" : "none";

    public override IEnumerable<(string Answer, ModelState Next)> Step(ModelState state) =>
        state.Live(Session) is null ? [("none", state)] : [("deleted", state.Without([Session]))];

    public override string ToString() => $"delete {Session}";
}

internal sealed record RenewOperation(int Old, int New, int Value, string? Subject, TimeSpan? Idle, TimeSpan? Lifetime, long Expected = 0)
    : HistoryOperation
{
    public override HistoryOperation Prepare(HistoryClient client) => this with { Expected = client.LastSeen(Old) };

    public override async Task<string> ExecuteAsync(HistoryClient client, CancellationToken ct)
    {
        var record = client.NewRecord(New, Expected + 1, Value, Subject, Idle, Lifetime);
        var result = await client.Store.RenewAsync(client.Handle(Old), record, ct);
        if (result.Status == SaveStatus.Saved)
        {
            client.Saw(New, result.Version);
        }

        return Describe(result.Status, result.Version);
    }

    public override IEnumerable<(string Answer, ModelState Next)> Step(ModelState state)
    {
        if (state.Live(Old) is not { } old)
        {
            yield return (Describe(SaveStatus.Gone, 0), state);
            yield break;
        }

        if (old.Version != Expected || state.IsTaken(New))
        {
            yield return (Describe(SaveStatus.Conflict, 0), state);
        }

        if (old.Version == Expected && state.Live(New) is null)
        {
            var renewed = CreateOperation.NewSession(state, Expected + 1, Value, Subject, Idle, Lifetime);
            yield return (Describe(SaveStatus.Saved, renewed.Version), state.Without([Old]).With(New, renewed));
        }
    }

    public override string ToString() => $"renew {Old}, if v{Expected}, into {New}, {CreateOperation.Describe(Value, Subject, Idle, Lifetime)}";
}

internal sealed record FindOperation(string Subject) : HistoryOperation
{
    public override async Task<string> ExecuteAsync(HistoryClient client, CancellationToken ct)
    {
        var page = await ((ISubjectSessionStore)client.Store).FindBySubjectAsync(client.Name(Subject), 100, null, ct);
        return Describe(page.Records.Select(record => client.Number(record.Handle)));
    }

    public override IEnumerable<(string Answer, ModelState Next)> Step(ModelState state) => [(Describe(state.LiveOf(Subject)), state)];

    public override string ToString() => $"find those of {Subject}";

    public static string Describe(IEnumerable<int> sessions) => $"[{string.Join(", ", sessions.Order())}]";
}

internal sealed record RevokeOperation(string Subject, int? Except) : HistoryOperation
{
    public override async Task<string> ExecuteAsync(HistoryClient client, CancellationToken ct)
    {
        SessionHandle? except = Except is { } session ? client.Handle(session) : null;
        var ended = await ((ISubjectSessionStore)client.Store).DeleteBySubjectAsync(client.Name(Subject), except, ct);
        return FindOperation.Describe(ended.Select(client.Number));
    }

    public override IEnumerable<(string Answer, ModelState Next)> Step(ModelState state)
    {
        var ended = state.LiveOf(Subject).Where(session => session != Except).ToList();
        return [(FindOperation.Describe(ended), state.Without(ended))];
    }

    public override string ToString() => $"end those of {Subject}{(Except is null ? "" : $" but {Except}")}";
}

internal sealed record AdmitOperation(int New, int Value, string Subject, TimeSpan? Idle, SubjectLimit Limit) : HistoryOperation
{
    public override async Task<string> ExecuteAsync(HistoryClient client, CancellationToken ct)
    {
        var record = client.NewRecord(New, 1, Value, Subject, Idle, null);
        var result = await ((ISubjectLimitStore)client.Store).AdmitAsync(null, record, Limit, ct);
        return result.IsRefused ? "refused"
            : $"{Describe(result.Save.Status, result.Save.Version)} instead of {FindOperation.Describe(result.Evicted.Select(client.Number))}";
    }

    // Which of several sessions of the same age is the oldest is the store's to say: the model accepts any choice of the right number.
    public override IEnumerable<(string Answer, ModelState Next)> Step(ModelState state)
    {
        if (state.IsTaken(New))
        {
            yield return ($"{SaveStatus.Conflict} instead of []", state);
        }

        if (state.Live(New) is not null)
        {
            yield break;
        }

        var others = state.LiveOf(Subject).ToList();
        var surplus = Math.Max(0, others.Count + 1 - Limit.Maximum);
        if (surplus > 0 && Limit.Rule == SubjectLimitRule.RefuseNewest)
        {
            yield return ("refused", state);
            yield break;
        }

        foreach (var evicted in Choose(others, surplus))
        {
            var next = state.Without(evicted).With(New, CreateOperation.NewSession(state, 1, Value, Subject, Idle, null));
            yield return ($"{Describe(SaveStatus.Saved, 1)} instead of {FindOperation.Describe(evicted)}", next);
        }
    }

    public override string ToString() =>
        $"admit {New}, {CreateOperation.Describe(Value, Subject, Idle, null)}, {Limit.Rule} beyond {Limit.Maximum}";

    private static IEnumerable<List<int>> Choose(List<int> from, int count)
    {
        if (count == 0)
        {
            return [[]];
        }

        return from.SelectMany((first, i) => Choose(from[(i + 1)..], count - 1).Select(rest => (List<int>)[first, .. rest]));
    }
}

internal sealed record SweepOperation : HistoryOperation
{
    public override async Task<string> ExecuteAsync(HistoryClient client, CancellationToken ct)
    {
        await ((IExpiredSessionStore)client.Store).DeleteExpiredAsync(100, ct);
        return "swept";
    }

    public override IEnumerable<(string Answer, ModelState Next)> Step(ModelState state) =>
        [
            ("swept", state.Without(state.Sessions.Where(entry => !entry.Value.IsLiveAt(state.Now)).Select(static entry => entry.Key).ToList())),

            // A store may leave what another call, perhaps one that was given up, holds at that moment. The Sweep class sees that the rest goes.
            ("swept", state),
        ];

    public override string ToString() => "sweep";
}
