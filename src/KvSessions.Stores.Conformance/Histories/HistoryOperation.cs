namespace KvSessions.Stores.Conformance;

/// <summary>One kind of call, as a client makes it and as the model understands it.</summary>
internal abstract record HistoryOperation
{
    /// <summary>Makes the call.</summary>
    /// <returns>What it answered, in words that are equal exactly when the answers are.</returns>
    public abstract Task<string> ExecuteAsync(HistoryClient client, CancellationToken ct);

    /// <summary>What a store may do that is in <paramref name="state"/>: each answer with the state after it.</summary>
    public abstract IEnumerable<(string Answer, ModelState Next)> Step(ModelState state);

    /// <summary>The call with what the client knows by now (the version that it has seen last).</summary>
    public virtual HistoryOperation Prepare(HistoryClient client) => this;

    protected static string Describe(SaveStatus status, long version) => status == SaveStatus.Saved ? $"saved v{version}" : $"{status}";

    protected static string Describe(ModelSession? session) =>
        session is null
            ? "none"
            : $"v{session.Version} {session.Values} of {session.Subject ?? "nobody"}, seen {HistoryTime.Moment(session.LastSeen)}, "
                + $"idle {HistoryTime.Span(session.Idle)}, ends {HistoryTime.Moment(session.Absolute)}";
}
