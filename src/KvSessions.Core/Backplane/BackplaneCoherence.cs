using Microsoft.Extensions.Logging;

namespace KvSessions;

/// <summary>
/// Keeps the caches of all nodes coherent over a backplane that may lose, delay, repeat and reorder what it carries: docs/decisions/0021-backplane-protocol.md.
/// </summary>
internal sealed class BackplaneCoherence : ICoherence, ISessionBackplaneListener, IAsyncDisposable
{
    private readonly ISessionBackplane _backplane;
    private readonly BackplaneTimes _times;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Uptime _uptime;
    private readonly Announcer _announcer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();

    // Everything below is changed under the gate; what is volatile is read outside of it.
    private readonly Trust _trust;
    private ICoherentCache[] _caches = [];
    private CancellationTokenSource? _listening;
    private Task _listenLoop = Task.CompletedTask;
    private ITimer? _heart;
    private bool _isTrusted;
    private bool _isStopped;
    private volatile bool _isStarted;
    private long _trustedUntil;

    public BackplaneCoherence(ISessionBackplane backplane, TimeSpan maxStaleness, TimeProvider clock, ILogger<BackplaneCoherence> logger)
    {
        _backplane = backplane;
        _times = new BackplaneTimes(maxStaleness);
        _clock = clock;
        _logger = logger;
        _uptime = new Uptime(clock);
        _announcer = new Announcer(backplane, _times, _uptime, clock, () => Array.Exists(Volatile.Read(ref _caches), static cache => cache.IsInDoubt), logger);
        _trust = new Trust(_times, _announcer.Node);
    }

    // Judged by the time at which it is asked, and not by the last time at which somebody looked.
    public bool IsTrusted => _uptime.Now.Ticks < Volatile.Read(ref _trustedUntil);

    public ValueTask AnnounceAsync(SessionHandle handle, long version)
    {
        if (!_isStarted)
        {
            // An application without a host, or before it: what it ends must be told as well.
            Start();
        }

        return _announcer.AnnounceAsync(handle, version);
    }

    public void Attach(ICoherentCache cache)
    {
        lock (_gate)
        {
            _caches = [.. _caches, cache];
        }
    }

    /// <summary>Whether there is a cache that hears of the others.</summary>
    public bool HasCaches => Volatile.Read(ref _caches).Length > 0;

    /// <summary>Begins to listen and to show that this node is there; once.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_isStarted)
            {
                return;
            }

            _isStarted = true;
            _heart = _clock.CreateTimer(static coherence => ((BackplaneCoherence)coherence!).Beat(), this, _times.Interval, _times.Interval);
        }

        // Not under the gate: a transport may call back before it returns.
        var listenLoop = ListenAsync(_stopping.Token);
        lock (_gate)
        {
            _listenLoop = listenLoop;
        }
    }

    /// <summary>Says goodbye, so that the others do not wait for this node, and stops listening.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Task listenLoop;
        lock (_gate)
        {
            if (_isStopped || !_isStarted)
            {
                return;
            }

            _isStopped = true;
            _heart?.Dispose();
            listenLoop = _listenLoop;
        }

        await _announcer.LeaveAsync().WaitAsync(_times.Patience, _clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await listenLoop.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        _stopping.Dispose();
    }

    void ISessionBackplaneListener.OnListening()
    {
        lock (_gate)
        {
            _trust.Listen(true, _uptime.Now);
        }

        _announcer.Beat();
    }

    void ISessionBackplaneListener.OnMessage(ReadOnlySpan<byte> message)
    {
        lock (_gate)
        {
            if (BackplaneMessage.TryRead(message, out var read))
            {
                Take(read);
            }
            else
            {
                if (_trust.HearUnreadable(_uptime.Now))
                {
                    _logger.UnreadableMessage(message.Length);
                }

                Flush();
            }

            Judge();
        }
    }

    private void Take(in BackplaneMessage message)
    {
        var isMissing = _trust.Hear(message, _uptime.Now);
        if (message.Node == _announcer.Node)
        {
            return;
        }

        if (isMissing || message.Kind == BackplaneMessageKind.Flush)
        {
            Flush();
        }

        if (message.Kind == BackplaneMessageKind.Outdated)
        {
            Outdate(message);
        }
    }

    private void Outdate(in BackplaneMessage message)
    {
        for (var i = 0; i < message.AnnouncementCount; i++)
        {
            var (handle, version) = message[i];
            foreach (var cache in _caches)
            {
                cache.Outdate(handle, version);
            }
        }
    }

    private void Flush()
    {
        foreach (var cache in _caches)
        {
            cache.Flush();
        }
    }

    private void Judge()
    {
        var now = _uptime.Now;
        var until = _trust.TrustedUntil(now);
        if (_isTrusted && (until == TimeSpan.Zero || now.Ticks >= _trustedUntil))
        {
            // Entries live shorter from now on, and only then are flushed, so that none that is loaded in between lives longer.
            _isTrusted = false;
            Volatile.Write(ref _trustedUntil, 0);
            Flush();
            _logger.TrustLost();
        }

        if (until == TimeSpan.Zero)
        {
            return;
        }

        if (!_isTrusted)
        {
            // What was loaded before may have been missed; what is loaded from now on is heard of.
            Flush();
            _isTrusted = true;
            _logger.TrustGained();
        }

        Volatile.Write(ref _trustedUntil, until.Ticks);
    }

    private void Beat()
    {
        _announcer.Beat();
        CancellationTokenSource? deaf = null;
        lock (_gate)
        {
            Judge();
            if (_listening is not null && _trust.IsDeaf(_uptime.Now))
            {
                (deaf, _listening) = (_listening, null);
            }
        }

        if (deaf is not null)
        {
            _logger.Deaf();
            _ = deaf.CancelAsync();
        }
    }

    private async Task ListenAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            var fault = await ListenOnceAsync(ct).ConfigureAwait(false);
            lock (_gate)
            {
                _trust.Listen(false, _uptime.Now);
                Judge();
            }

            if (!ct.IsCancellationRequested)
            {
                _logger.ListeningEnded(fault);
                await Task.Delay(_times.Interval, _clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<Exception?> ListenOnceAsync(CancellationToken ct)
    {
        // Not disposed, for it may be cancelled at any moment; it has no timer, so that it need not be.
        var listening = new CancellationTokenSource();
        using var stopping = ct.UnsafeRegister(static listening => ((CancellationTokenSource)listening!).Cancel(), listening);
        lock (_gate)
        {
            _listening = listening;
        }

        try
        {
            await _backplane.ListenAsync(this, listening.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception fault)
        {
            return fault;
        }
        finally
        {
            lock (_gate)
            {
                _listening = null;
            }
        }
    }
}
