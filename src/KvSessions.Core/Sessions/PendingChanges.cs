namespace KvSessions;

/// <summary>What a request has changed and not yet saved.</summary>
/// <remarks>
/// A response that is made while it is sent changes the session while a save is under way, as JSON of an asynchronous sequence does: the
/// serializer flushes while it waits for the next element. The object is its own lock, which saves an object a request.
/// </remarks>
internal sealed class PendingChanges
{
    // Made when first needed: most requests change nothing, and most that do remove nothing.
    private Dictionary<string, ReadOnlyMemory<byte>>? _sets;
    private HashSet<string>? _removes;

    // Whether a store may hold the collections: it may do so long after the save, if that was given up on.
    private bool _areHandedOut;

    // How often everything was cleared; 0 for never.
    private int _clears;

    // Most requests change nothing, and need no lock to see that.
    private volatile bool _isUsed;

    public bool Clears => _clears > 0;

    public SessionExpiry? Expiry { get; private set; }

    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Sets => _sets ?? SessionChanges.NoSets;

    // A key that leaves one of the two goes into the other, so that both are never made and empty.
    public bool IsEmpty => _sets is null && _removes is null && !Clears && Expiry is null;

    // What is added to changes that wait is saved with them, unless a save is under way.
    private bool IsNews => IsEmpty || _areHandedOut;

    /// <returns>Whether somebody has to hear that there is something to save.</returns>
    public bool Set(string key, ReadOnlyMemory<byte> value)
    {
        lock (this)
        {
            var isNews = IsNews;
            _isUsed = true;
            TakeBack();
            _removes?.Remove(key);
            (_sets ??= [])[key] = value;
            return isNews;
        }
    }

    /// <inheritdoc cref="Set" path="/returns"/>
    public bool Remove(string key)
    {
        lock (this)
        {
            var isNews = IsNews;
            _isUsed = true;
            TakeBack();
            _sets?.Remove(key);
            (_removes ??= []).Add(key);
            return isNews;
        }
    }

    /// <inheritdoc cref="Set" path="/returns"/>
    public bool Clear()
    {
        lock (this)
        {
            var isNews = IsNews;
            _isUsed = true;

            // First, so that nobody who looks meanwhile sees nothing to save.
            _clears++;
            (_sets, _removes, _areHandedOut) = (null, null, false);
            return isNews;
        }
    }

    /// <inheritdoc cref="Set" path="/returns"/>
    public bool SetExpiry(SessionExpiry expiry)
    {
        lock (this)
        {
            var isNews = IsNews;
            Expiry = expiry;
            return isNews;
        }
    }

    /// <summary>Whether these changes alone say what a key holds now, and if so, what: <see langword="null"/> for nothing.</summary>
    public bool TryGet(string key, out ReadOnlyMemory<byte>? value)
    {
        if (!_isUsed)
        {
            value = null;
            return false;
        }

        lock (this)
        {
            if (_sets is not null && _sets.TryGetValue(key, out var bytes))
            {
                value = bytes;
                return true;
            }

            value = null;
            return Clears || _removes?.Contains(key) == true;
        }
    }

    /// <summary>These changes and one more, a removal where <paramref name="value"/> is <see langword="null"/>; these stay as they are.</summary>
    public PendingChanges With(string key, ReadOnlyMemory<byte>? value)
    {
        var snapshot = TakeSnapshot();
        var copy = new PendingChanges
        {
            _sets = snapshot.Sets,
            _removes = snapshot.Removes,
            _areHandedOut = true,
            _clears = snapshot.Clears,
            Expiry = snapshot.Expiry,
        };
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
        var snapshot = TakeSnapshot();
        return new()
        {
            ExpectedVersion = expectedVersion,
            Clears = snapshot.Clears > 0,
            Sets = snapshot.Sets ?? SessionChanges.NoSets,
            Removes = snapshot.Removes ?? SessionChanges.NoRemoves,
            Expiry = snapshot.Expiry,
            Limits = limits,
        };
    }

    /// <summary>These changes as of now. Further ones do not show in it.</summary>
    public Snapshot TakeSnapshot()
    {
        lock (this)
        {
            _areHandedOut = true;
            return new(_sets, _removes, _clears, Expiry);
        }
    }

    /// <summary>Forgets the changes that a snapshot has, which have been saved; those that were made since stay.</summary>
    public void Forget(Snapshot saved)
    {
        lock (this)
        {
            _clears = _clears == saved.Clears ? 0 : _clears;
            Expiry = ReferenceEquals(Expiry, saved.Expiry) ? null : Expiry;
            if (ReferenceEquals(_sets, saved.Sets) && ReferenceEquals(_removes, saved.Removes))
            {
                (_sets, _removes, _areHandedOut) = (null, null, false);
                return;
            }

            TakeBack();
            foreach (var (key, value) in saved.Sets ?? [])
            {
                if (_sets is not null && _sets.TryGetValue(key, out var present) && present.Equals(value))
                {
                    _sets.Remove(key);
                }
            }

            _removes?.ExceptWith(saved.Removes ?? []);
            (_sets, _removes) = (_sets is { Count: > 0 } ? _sets : null, _removes is { Count: > 0 } ? _removes : null);
        }
    }

    /// <summary>Forgets the changes, which a <see cref="SessionChanges"/> made of them may still hold.</summary>
    public void Reset()
    {
        lock (this)
        {
            (_sets, _removes, _areHandedOut, _clears, Expiry) = (null, null, false, 0, null);
        }
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

    /// <param name="Sets">The keys set, or none.</param>
    /// <param name="Removes">The keys removed, or none.</param>
    /// <param name="Clears">How often everything had been cleared.</param>
    /// <param name="Expiry">The new expiry, or none.</param>
    internal readonly record struct Snapshot(
        Dictionary<string, ReadOnlyMemory<byte>>? Sets, HashSet<string>? Removes, int Clears, SessionExpiry? Expiry);
}
