namespace KvSessions;

/// <summary>What a request has changed and not yet saved.</summary>
internal sealed class PendingChanges
{
    // Made when first needed: most requests change nothing, and most that do remove nothing.
    private Dictionary<string, ReadOnlyMemory<byte>>? _sets;
    private HashSet<string>? _removes;

    // Whether a store may hold the collections: it may do so long after the save, if that was given up on.
    private bool _areHandedOut;

    public bool Clears { get; private set; }

    public SessionExpiry? Expiry { get; set; }

    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Sets => _sets ?? SessionChanges.NoSets;

    // A key that leaves one of the two goes into the other, so that both are never made and empty.
    public bool IsEmpty => _sets is null && _removes is null && !Clears && Expiry is null;

    public void Set(string key, ReadOnlyMemory<byte> value)
    {
        TakeBack();
        _removes?.Remove(key);
        (_sets ??= [])[key] = value;
    }

    public void Remove(string key)
    {
        TakeBack();
        _sets?.Remove(key);
        (_removes ??= []).Add(key);
    }

    public void Clear()
    {
        (_sets, _removes, _areHandedOut, Clears) = (null, null, false, true);
    }

    /// <summary>Whether these changes alone say what a key holds now, and if so, what: <see langword="null"/> for nothing.</summary>
    public bool TryGet(string key, out ReadOnlyMemory<byte>? value)
    {
        if (_sets is not null && _sets.TryGetValue(key, out var bytes))
        {
            value = bytes;
            return true;
        }

        value = null;
        return Clears || _removes?.Contains(key) == true;
    }

    /// <summary>These changes and one more, a removal where <paramref name="value"/> is <see langword="null"/>; these stay as they are.</summary>
    public PendingChanges With(string key, ReadOnlyMemory<byte>? value)
    {
        var copy = new PendingChanges { _sets = _sets, _removes = _removes, _areHandedOut = true, Clears = Clears, Expiry = Expiry };
        if (value is { } bytes)
        {
            copy.Set(key, bytes);
        }
        else
        {
            copy.Remove(key);
        }

        return copy;
    }

    /// <summary>These changes as a store takes them. Further ones do not show in what was returned.</summary>
    public SessionChanges ToChanges(long? expectedVersion, SessionLimits limits)
    {
        _areHandedOut = true;
        return new()
        {
            ExpectedVersion = expectedVersion,
            Clears = Clears,
            Sets = Sets,
            Removes = _removes ?? SessionChanges.NoRemoves,
            Expiry = Expiry,
            Limits = limits,
        };
    }

    /// <summary>Forgets the changes, which a <see cref="SessionChanges"/> made of them may still hold.</summary>
    public void Reset()
    {
        (_sets, _removes, _areHandedOut, Clears, Expiry) = (null, null, false, false, null);
    }

    private void TakeBack()
    {
        if (_areHandedOut)
        {
            _sets = _sets is null ? null : new(_sets);
            _removes = _removes is null ? null : [.. _removes];
            _areHandedOut = false;
        }
    }
}
