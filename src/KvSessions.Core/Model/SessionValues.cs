using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace KvSessions;

/// <summary>
/// The keys and values of a session: an immutable map, in ordinal order of its keys, from text to opaque bytes.
/// </summary>
public sealed class SessionValues : IReadOnlyDictionary<string, ReadOnlyMemory<byte>>, IEquatable<SessionValues>
{
    // Sorted: a session has few keys, so a search of some string comparisons costs less, in time and in memory, than a hash table.
    private readonly KeyValuePair<string, ReadOnlyMemory<byte>>[] _entries;

    internal SessionValues(KeyValuePair<string, ReadOnlyMemory<byte>>[] sortedEntries)
        : this(sortedEntries, CountBytes(sortedEntries))
    {
    }

    private SessionValues(KeyValuePair<string, ReadOnlyMemory<byte>>[] sortedEntries, long totalBytes) =>
        (_entries, TotalBytes) = (sortedEntries, totalBytes);

    /// <summary>No keys at all.</summary>
    public static SessionValues Empty { get; } = new([]);

    /// <summary>How many keys there are.</summary>
    public int Count => _entries.Length;

    /// <summary>The bytes of all keys (as UTF-8) and all values together: what <see cref="SessionLimits.MaxTotalBytes"/> limits.</summary>
    public long TotalBytes { get; }

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _entries.Select(static entry => entry.Key);

    /// <inheritdoc/>
    public IEnumerable<ReadOnlyMemory<byte>> Values => _entries.Select(static entry => entry.Value);

    /// <inheritdoc/>
    /// <exception cref="KeyNotFoundException">There is no such key.</exception>
    public ReadOnlyMemory<byte> this[string key] =>
        TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"The session has no key '{key}'.");

    /// <summary>Makes a map of <paramref name="entries"/>. The memory behind the values must not change afterwards.</summary>
    /// <exception cref="ArgumentException">A key is not valid text, or comes twice.</exception>
    public static SessionValues From(IEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> entries)
    {
        var sorted = entries.ToArray();
        Array.Sort(sorted, static (x, y) => string.CompareOrdinal(x.Key, y.Key));
        for (var i = 0; i < sorted.Length; i++)
        {
            SessionText.ThrowIfInvalid(sorted[i].Key, "session key", nameof(entries));
            if (i > 0 && sorted[i].Key == sorted[i - 1].Key)
            {
                throw new ArgumentException($"The session key '{sorted[i].Key}' comes twice.", nameof(entries));
            }
        }

        return sorted.Length == 0 ? Empty : new SessionValues(sorted);
    }

    /// <summary>
    /// Reads what <see cref="ToByteArray"/> wrote. The values keep referring to <paramref name="bytes"/>, which must not change afterwards.
    /// </summary>
    /// <exception cref="SessionStoreException">The bytes are of a newer format or corrupt (<see cref="SessionStoreError.Corrupt"/>).</exception>
    public static SessionValues FromBytes(ReadOnlyMemory<byte> bytes) => SessionValuesFormat.Read(bytes);

    /// <summary>The map in the binary form that <see cref="FromBytes"/> reads, for a store that keeps it as one value.</summary>
    public byte[] ToByteArray() => SessionValuesFormat.Write(_entries);

    /// <inheritdoc/>
    public bool ContainsKey(string key) => IndexOf(key) >= 0;

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out ReadOnlyMemory<byte> value)
    {
        var index = IndexOf(key);
        value = index >= 0 ? _entries[index].Value : default;
        return index >= 0;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, ReadOnlyMemory<byte>>> GetEnumerator() => _entries.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Whether the other map has the same keys with the same bytes.</summary>
    public bool Equals(SessionValues? other)
    {
        if (other is null || other.Count != Count)
        {
            return false;
        }

        for (var i = 0; i < _entries.Length; i++)
        {
            if (_entries[i].Key != other._entries[i].Key || !_entries[i].Value.Span.SequenceEqual(other._entries[i].Value.Span))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SessionValues);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Count, TotalBytes);

    /// <summary>The number of keys. Values never show.</summary>
    public override string ToString() => $"{Count} keys";

    /// <summary>This map after <paramref name="changes"/>; the limits that they carry are not checked here.</summary>
    internal SessionValues With(SessionChanges changes)
    {
        if (!changes.ChangesValues)
        {
            return this;
        }

        if (TryReplace(changes) is { } replaced)
        {
            return replaced;
        }

        var merged = new List<KeyValuePair<string, ReadOnlyMemory<byte>>>(Count + changes.Sets.Count);
        if (!changes.Clears)
        {
            foreach (var entry in _entries)
            {
                if (!changes.Sets.ContainsKey(entry.Key) && !changes.Removes.Contains(entry.Key))
                {
                    merged.Add(entry);
                }
            }
        }

        merged.AddRange(changes.Sets);
        merged.Sort(static (x, y) => string.CompareOrdinal(x.Key, y.Key));
        return merged.Count == 0 ? Empty : new SessionValues([.. merged]);
    }

    // What most saves do: give keys that are there other values. The order stays, and so does the size of the keys.
    private SessionValues? TryReplace(SessionChanges changes)
    {
        if (changes.Clears || changes.Removes.Count > 0)
        {
            return null;
        }

        var entries = _entries.AsSpan().ToArray();
        var totalBytes = TotalBytes;
        foreach (var (key, value) in changes.Sets)
        {
            var index = IndexOf(key);
            if (index < 0)
            {
                return null;
            }

            totalBytes += value.Length - entries[index].Value.Length;
            entries[index] = new(entries[index].Key, value);
        }

        return new SessionValues(entries, totalBytes);
    }

    private static long CountBytes(KeyValuePair<string, ReadOnlyMemory<byte>>[] entries)
    {
        var count = 0L;
        foreach (var (key, value) in entries)
        {
            count += SessionText.CountBytes(key) + value.Length;
        }

        return count;
    }

    private int IndexOf(string key)
    {
        var (low, high) = (0, _entries.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = string.CompareOrdinal(_entries[middle].Key, key);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }
}
