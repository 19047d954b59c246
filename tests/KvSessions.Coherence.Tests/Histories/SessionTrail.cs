using System.Globalization;

namespace KvSessions.Coherence.Tests.Histories;

/// <summary>What is known of one session: what was acknowledged when, and what each node has seen of it.</summary>
/// <param name="handle">The session.</param>
/// <param name="nodes">How many nodes there are.</param>
internal sealed class SessionTrail(SessionHandle handle, int nodes)
{
    private static readonly TimeSpan Never = TimeSpan.MaxValue;

    private readonly Lock _gate = new();
    private readonly List<Write> _writes = [];
    private readonly List<End> _ends = [];
    private readonly List<Seen>[] _seen = [.. Enumerable.Range(0, nodes).Select(static _ => new List<Seen>())];
    private TimeSpan _endBegan = Never;

    public SessionHandle Handle => handle;

    /// <summary>Whether somebody has begun to end it.</summary>
    public bool IsEnding => _endBegan != Never;

    /// <summary>A save was acknowledged: it set a key of its own, and gave the session this version.</summary>
    /// <param name="node">The node that saved.</param>
    /// <param name="key">The key.</param>
    /// <param name="version">The version.</param>
    /// <param name="acknowledged">When it was acknowledged, or applied if its answer was lost.</param>
    /// <param name="slack">How much later than others it may be seen on other nodes.</param>
    public void Saved(int node, string key, long version, TimeSpan acknowledged, TimeSpan slack = default)
    {
        lock (_gate)
        {
            _writes.Add(new(node, key, version, acknowledged, slack));
        }
    }

    public void BeginEnd(TimeSpan now)
    {
        lock (_gate)
        {
            _endBegan = now < _endBegan ? now : _endBegan;
        }
    }

    /// <summary>Begins to end it, unless somebody has begun to.</summary>
    public bool TryBeginEnd(TimeSpan now)
    {
        lock (_gate)
        {
            var isFirst = _endBegan == Never;
            _endBegan = isFirst ? now : _endBegan;
            return isFirst;
        }
    }

    /// <summary>Its end was acknowledged, or applied. See <see cref="Saved"/>.</summary>
    public void Ended(int node, TimeSpan acknowledged, TimeSpan slack = default)
    {
        lock (_gate)
        {
            _ends.Add(new(node, acknowledged, slack));
        }
    }

    /// <summary>Judges what a read has given.</summary>
    /// <param name="node">The node that was asked.</param>
    /// <param name="began">When it was asked.</param>
    /// <param name="ended">When it answered.</param>
    /// <param name="version">The version of the answer; <see langword="null"/> for no session.</param>
    /// <param name="keys">What was set in it.</param>
    /// <param name="bound">How old an acknowledged write of another node may be of which a read knows nothing.</param>
    /// <returns>What is wrong with it; <see langword="null"/> if nothing is.</returns>
    public string? Read(int node, TimeSpan began, TimeSpan ended, long? version, IReadOnlyCollection<string> keys, TimeSpan bound)
    {
        lock (_gate)
        {
            var objection = version is null ? ObjectionToNothing(ended) : ObjectionTo(version.Value, keys, node, began, bound);
            objection ??= ObjectionToOrder(node, began, version ?? long.MaxValue);
            _seen[node].Add(new(ended, version ?? long.MaxValue));
            return objection is null ? null : string.Create(CultureInfo.InvariantCulture, $"Node {node}, asked at {began}, answered at {ended}: {objection}.");
        }
    }

    /// <summary>Judges what the store holds in the end.</summary>
    public string? Check(SessionRecord? record)
    {
        lock (_gate)
        {
            return record is null ? ObjectionToNothing(Never)
                : _ends.Count > 0 ? "The store holds a session whose end was acknowledged."
                : ObjectionToValues(long.MaxValue, [.. record.Values.Keys]);
        }
    }

    private string? ObjectionToNothing(TimeSpan ended) =>
        _endBegan > ended || _endBegan == Never ? "no session, though nobody had ended it" : null;

    private string? ObjectionTo(long version, IReadOnlyCollection<string> keys, int node, TimeSpan began, TimeSpan bound)
    {
        foreach (var end in _ends)
        {
            if (began - end.Acknowledged > Bound(end.Node, node, bound + end.Slack))
            {
                return $"a session whose end node {end.Node} had acknowledged at {end.Acknowledged}";
            }
        }

        foreach (var write in _writes)
        {
            if (version < write.Version && began - write.Acknowledged > Bound(write.Node, node, bound + write.Slack))
            {
                return $"version {version}, when node {write.Node} had acknowledged version {write.Version} at {write.Acknowledged}";
            }
        }

        return ObjectionToValues(version, keys);
    }

    private string? ObjectionToValues(long version, IReadOnlyCollection<string> keys)
    {
        foreach (var write in _writes)
        {
            if (write.Version <= version && !keys.Contains(write.Key))
            {
                return $"version {version} without what version {write.Version} had set";
            }
        }

        return null;
    }

    private string? ObjectionToOrder(int node, TimeSpan began, long version)
    {
        foreach (var (ended, seen) in _seen[node])
        {
            if (ended < began && version < seen)
            {
                return $"version {version}, after {(seen == long.MaxValue ? "its end" : $"version {seen}")} had been seen there at {ended}";
            }
        }

        return null;
    }

    private static TimeSpan Bound(int writer, int reader, TimeSpan bound) => writer == reader ? TimeSpan.Zero : bound;

    private readonly record struct Write(int Node, string Key, long Version, TimeSpan Acknowledged, TimeSpan Slack);

    private readonly record struct End(int Node, TimeSpan Acknowledged, TimeSpan Slack);

    private readonly record struct Seen(TimeSpan Ended, long Version);
}
