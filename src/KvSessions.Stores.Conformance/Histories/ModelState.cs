using System.Collections.Immutable;

namespace KvSessions.Stores.Conformance;

/// <summary>The whole store in the sequential model. Sessions are named by small numbers, in the order of the history's handles.</summary>
internal sealed class ModelState : IEquatable<ModelState>
{
    private ModelState(ImmutableSortedDictionary<int, ModelSession> sessions, long now) => (Sessions, Now) = (sessions, now);

    public ImmutableSortedDictionary<int, ModelSession> Sessions { get; }

    public long Now { get; }

    public static ModelState Start(long now) => new(ImmutableSortedDictionary<int, ModelSession>.Empty, now);

    /// <summary>The live session, if there is one. What has expired may be swept at any time and counts as gone.</summary>
    public ModelSession? Live(int session) =>
        Sessions.TryGetValue(session, out var found) && found.IsLiveAt(Now) ? found : null;

    /// <summary>Whether the handle is taken, if only by a session that has expired: creating under it may be refused.</summary>
    public bool IsTaken(int session) => Sessions.ContainsKey(session);

    public IEnumerable<int> LiveOf(string subject) =>
        Sessions.Where(entry => entry.Value.Subject == subject && entry.Value.IsLiveAt(Now)).Select(static entry => entry.Key);

    public ModelState With(int session, ModelSession value) => new(Sessions.SetItem(session, value), Now);

    public ModelState Without(params IEnumerable<int> sessions) => new(Sessions.RemoveRange(sessions), Now);

    public ModelState At(long now) => new(Sessions, now);

    public bool Equals(ModelState? other) => other is not null && Now == other.Now && Sessions.SequenceEqual(other.Sessions);

    public override bool Equals(object? obj) => Equals(obj as ModelState);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Now);
        foreach (var (session, value) in Sessions)
        {
            hash.Add(session);
            hash.Add(value);
        }

        return hash.ToHashCode();
    }
}
