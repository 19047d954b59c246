namespace KvSessions;

/// <summary>
/// What one request did to a session, key by key. A save carries only this, so two requests that change different keys both survive.
/// Changes without any content (<see cref="Touch"/>) move the idle expiry on and do nothing else.
/// </summary>
public sealed class SessionChanges
{
    internal static readonly IReadOnlyDictionary<string, ReadOnlyMemory<byte>> NoSets = new Dictionary<string, ReadOnlyMemory<byte>>();
    internal static readonly IReadOnlySet<string> NoRemoves = new HashSet<string>();

    /// <summary>A touch: the session was seen, and nothing changed.</summary>
    public static SessionChanges Touch { get; } = new();

    /// <summary>
    /// Save only if the record still has this version, else <see cref="SaveStatus.Conflict"/>; <see langword="null"/> saves over any.
    /// </summary>
    public long? ExpectedVersion { get; init; }

    /// <summary>Whether all keys that are stored go away before <see cref="Sets"/> are applied.</summary>
    public bool Clears { get; init; }

    /// <summary>
    /// The keys to set, with their encoded values. A store may keep the map and the memory behind the values, so neither may change afterwards.
    /// </summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Sets { get; init; } = NoSets;

    /// <summary>The keys to remove; none of them is in <see cref="Sets"/>. A key that is not there is no error.</summary>
    public IReadOnlySet<string> Removes { get; init; } = NoRemoves;

    /// <summary>The expiry to give the session from now on; <see langword="null"/> keeps the one it has. The store resolves it.</summary>
    public SessionExpiry? Expiry { get; init; }

    /// <summary>
    /// What the session may hold after the save. Each key and value was checked by the request; the number of keys and the total
    /// size are the store's to check, in the same atomic step as the save.
    /// </summary>
    public SessionLimits Limits { get; init; } = SessionLimits.Default;

    /// <summary>Whether keys or values change.</summary>
    public bool ChangesValues => Clears || Sets.Count > 0 || Removes.Count > 0;

    /// <summary>Whether there is nothing but the sight of the session: its version stays as it is.</summary>
    public bool IsTouch => !ChangesValues && Expiry is null;
}
