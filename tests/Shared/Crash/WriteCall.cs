namespace KvSessions.Tests.Crash;

/// <summary>What a store is asked to do.</summary>
internal enum WriteVerb
{
    Create,
    Save,
    Touch,
    Delete,
    Renew,
}

/// <summary>A write, as it is reported before it is made.</summary>
/// <param name="Number">Which call of its report it is.</param>
/// <param name="Client">Who makes it: one call after another.</param>
/// <param name="Verb">What is to be done.</param>
/// <param name="Handle">The session that it is about.</param>
internal sealed record WriteCall(long Number, string Client, WriteVerb Verb, SessionHandle Handle)
{
    /// <summary>The handle after a renewal.</summary>
    public SessionHandle? Renewed { get; init; }

    /// <summary>Whose session a creation or a renewal makes it.</summary>
    public string? Subject { get; init; }

    /// <summary>The version that a save expects, and on which a renewal is built.</summary>
    public long? ExpectedVersion { get; init; }

    public bool Clears { get; init; }

    /// <summary>Keys and values (<see cref="SizedValue"/>) to set. A renewal keeps what is there.</summary>
    public IReadOnlyDictionary<string, string>? Sets { get; init; }

    public IReadOnlyList<string>? Removes { get; init; }

    public override string ToString()
    {
        var text = $"#{Number} {Verb} {Handle}";
        text += Renewed is null ? "" : $" as {Renewed}";
        text += Subject is null ? "" : $" of {Subject}";
        text += ExpectedVersion is null ? "" : $" at v{ExpectedVersion}";
        text += Clears ? " clear" : "";
        text += Sets is null ? "" : $" set {string.Join(' ', Sets.Select(static entry => $"{entry.Key}={entry.Value}"))}";
        return text + (Removes is null ? "" : $" remove {string.Join(' ', Removes)}");
    }
}
