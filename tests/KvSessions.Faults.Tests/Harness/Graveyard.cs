namespace KvSessions.Faults.Tests;

/// <summary>The sessions that have ended, by an answer of the store. Nobody may ever read one of them again.</summary>
internal sealed class Graveyard
{
    private readonly Lock _gate = new();
    private readonly List<SessionHandle> _dead = [];

    public void Add(SessionHandle handle)
    {
        lock (_gate)
        {
            _dead.Add(handle);
        }
    }

    /// <summary>One of them, the latest most often; <see langword="null"/> if there is none.</summary>
    public SessionHandle? Pick(Random random)
    {
        lock (_gate)
        {
            return _dead.Count == 0 ? null : _dead[^(1 + Math.Min(random.Next(_dead.Count), random.Next(_dead.Count)))];
        }
    }
}
