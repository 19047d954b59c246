namespace KvSessions;

/// <summary>
/// What is going on with the sessions whose handles fall on one stripe. That some share a stripe costs a load now and then, and nothing else.
/// </summary>
/// <param name="writes">How many writes are under way, by stripe.</param>
/// <param name="index">Which stripe it is.</param>
internal sealed class CacheStripe(int[] writes, int index)
{
    private Dictionary<SessionHandle, SharedLoad>? _loads;

    /// <summary>Under it, and only under it, an entry is changed and a load is begun or filled in.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Whether a write is under way: the store may hold something else than the cache by now, and nobody can tell since when.</summary>
    public bool IsBeingWritten => Volatile.Read(ref writes[index]) > 0;

    /// <summary>Goes on with every write. A load that began in another turn may have read what the write has replaced.</summary>
    public long Turn { get; private set; }

    public void BeginWrite()
    {
        lock (Gate)
        {
            Volatile.Write(ref writes[index], writes[index] + 1);
            Turn++;
        }
    }

    public void EndWrite()
    {
        lock (Gate)
        {
            Volatile.Write(ref writes[index], writes[index] - 1);
        }
    }

    /// <summary>Keeps loads under way from being filled in. Under the gate.</summary>
    public void NextTurn() => Turn++;

    /// <summary>The load under way that began last. Under the gate.</summary>
    public SharedLoad? FindLoad(SessionHandle handle) => _loads?.GetValueOrDefault(handle);

    public void AddLoad(SharedLoad load) => (_loads ??= [])[load.Handle] = load;

    public void RemoveLoad(SharedLoad load)
    {
        if (_loads is not null && _loads.TryGetValue(load.Handle, out var there) && there == load)
        {
            _loads.Remove(load.Handle);
        }
    }
}
