namespace KvSessions;

/// <summary>
/// Tells the other nodes again and again of the sessions whose last write may yet be applied, and once more when that is over: what they load
/// before it is applied may not stay with them.
/// </summary>
internal sealed class DoubtAnnouncer
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(200);

    private readonly Func<SessionHandle, ValueTask> _announceAsync;
    private readonly TimeSpan _period;
    private readonly TimeSpan _pause;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private readonly Dictionary<SessionHandle, long> _since = [];
    private bool _isRunning;

    /// <param name="announceAsync">Tells of one session; of all of them, with the handle of none.</param>
    /// <param name="period">How long a write may be applied after its caller has given it up.</param>
    /// <param name="maxStaleness">How stale an entry may become.</param>
    /// <param name="clock">The clock.</param>
    public DoubtAnnouncer(Func<SessionHandle, ValueTask> announceAsync, TimeSpan period, TimeSpan maxStaleness, TimeProvider clock)
    {
        var quarter = maxStaleness / 4;
        (_announceAsync, _period, _clock) = (announceAsync, period, clock);
        _pause = quarter < ShortestPause ? ShortestPause : quarter < period ? quarter : period;
    }

    /// <summary>Whether something is still to be told.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_gate)
            {
                return _isRunning;
            }
        }
    }

    /// <summary>Tells of a session for as long as it is in doubt.</summary>
    public void Add(SessionHandle handle)
    {
        lock (_gate)
        {
            if (_since.Count >= BackplaneMessage.MaxAnnouncements && !_since.ContainsKey(handle))
            {
                // As one: each of them may be in doubt as long as the newest.
                _since.Clear();
                handle = default;
            }

            _since[handle] = _clock.GetTimestamp();
            if (_isRunning)
            {
                return;
            }

            _isRunning = true;
        }

        _ = RunAsync();
    }

    private async Task RunAsync()
    {
        bool isLast;
        do
        {
            await Task.Delay(_pause, _clock, CancellationToken.None).ConfigureAwait(false);
            foreach (var handle in TakeDue())
            {
                await _announceAsync(handle).ConfigureAwait(false);
            }

            lock (_gate)
            {
                isLast = _since.Count == 0;
                _isRunning = !isLast;
            }
        }
        while (!isLast);
    }

    private List<SessionHandle> TakeDue()
    {
        lock (_gate)
        {
            var handles = _since.Keys.ToList();
            foreach (var (handle, since) in _since)
            {
                if (_clock.GetElapsedTime(since) >= _period)
                {
                    _since.Remove(handle);
                }
            }

            return handles;
        }
    }
}
