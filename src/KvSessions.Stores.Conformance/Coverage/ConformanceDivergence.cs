namespace KvSessions.Stores.Conformance;

/// <summary>A conformance class that a store does not keep, on purpose.</summary>
public sealed record ConformanceDivergence
{
    /// <summary>A store does not derive <paramref name="conformance"/>, and says why.</summary>
    /// <param name="conformance">The abstract conformance class.</param>
    /// <param name="reason">Why not; not empty.</param>
    /// <exception cref="ArgumentException">There is no reason.</exception>
    public ConformanceDivergence(Type conformance, string reason)
    {
        ArgumentNullException.ThrowIfNull(conformance);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        Conformance = conformance;
        Reason = reason;
    }

    /// <summary>The abstract conformance class.</summary>
    public Type Conformance { get; }

    /// <summary>Why the store does not derive it.</summary>
    public string Reason { get; }
}
