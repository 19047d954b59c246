namespace KvSessions;

/// <summary>What became of <see cref="ISubjectLimitStore.AdmitAsync"/>.</summary>
public readonly record struct AdmitResult
{
    private AdmitResult(SaveResult save, bool isRefused, IReadOnlyList<SessionHandle> evicted)
    {
        Save = save;
        IsRefused = isRefused;
        Evicted = evicted;
    }

    /// <summary>The limit is reached, and its rule refuses the newest. Nothing changed.</summary>
    public static AdmitResult Refused { get; } = new(SaveResult.Conflict, true, []);

    /// <summary>The result of the creation or renewal, unless it was refused.</summary>
    public SaveResult Save { get; }

    /// <summary>Whether the limit stood in the way.</summary>
    public bool IsRefused { get; }

    /// <summary>The sessions that were ended to make room; empty unless saved.</summary>
    public IReadOnlyList<SessionHandle> Evicted { get; }

    /// <summary>Saved, with the sessions that were ended to make room.</summary>
    public static AdmitResult Admitted(SaveResult save, IReadOnlyList<SessionHandle> evicted) => new(save, false, evicted);

    /// <summary>Gone or conflict, as in <see cref="ISessionStore.RenewAsync"/>. Nothing changed.</summary>
    public static AdmitResult NotSaved(SaveResult save) => new(save, false, []);
}
