using System.Collections.Immutable;

namespace KvSessions.Stores.Conformance;

/// <summary>A session in the sequential model: what a store has to keep of it, in ticks of the clock that decides.</summary>
/// <remarks>Written from the contract's words, not from <see cref="SessionRecord.Apply"/>: the model must not share its mistakes.</remarks>
internal sealed record ModelSession(
    long Version, ModelValues Values, long LastSeen, long? Idle, long? Absolute, string? Subject)
{
    public bool IsLiveAt(long now) => !(LastSeen + Idle <= now) && !(Absolute <= now);
}

/// <summary>The values of a session in the model: one number for each key, compared by content.</summary>
internal readonly struct ModelValues(ImmutableSortedDictionary<string, int> entries) : IEquatable<ModelValues>
{
    public static ModelValues Empty { get; } = new(ImmutableSortedDictionary<string, int>.Empty);

    public ImmutableSortedDictionary<string, int> Entries { get; } = entries;

    public bool Equals(ModelValues other) => Entries.SequenceEqual(other.Entries);

    public override bool Equals(object? obj) => obj is ModelValues other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var (key, value) in Entries)
        {
            hash.Add(key);
            hash.Add(value);
        }

        return hash.ToHashCode();
    }

    public override string ToString() => $"{{{string.Join(", ", Entries.Select(static entry => $"{entry.Key}={entry.Value}"))}}}";
}
