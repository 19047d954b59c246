namespace KvSessions;

/// <summary>
/// Judges by what comes in whether every message of every node comes in. Not safe for concurrent use.
/// </summary>
internal sealed class Trust(BackplaneTimes times, ulong ownNode)
{
    private static readonly TimeSpan Never = TimeSpan.MinValue;

    private readonly KnownNodes _others = new(times);
    private TimeSpan? _listeningSince;
    private TimeSpan _ownProof = Never;
    private TimeSpan? _unreadableAt;

    /// <summary>Listening has begun, or ended: what was proven before is worth nothing.</summary>
    public void Listen(bool isListening, TimeSpan now) => (_listeningSince, _ownProof) = (isListening ? now : null, Never);

    /// <summary>Takes note of a message.</summary>
    /// <returns>Whether a message before it is missing.</returns>
    public bool Hear(in BackplaneMessage message, TimeSpan now)
    {
        if (message.Node != ownNode)
        {
            return _others.Hear(message, now, _ownProof);
        }

        if (message.Sent >= _listeningSince && message.Sent > _ownProof)
        {
            _ownProof = message.Sent;
        }

        return false;
    }

    /// <summary>Takes note of a message that cannot be read: nodes of a newer version may have news that this one does not understand.</summary>
    /// <returns>Whether it is the first one for long.</returns>
    public bool HearUnreadable(TimeSpan now)
    {
        var isFirst = !IsAnyUnreadable(now);
        _unreadableAt = now;
        return isFirst;
    }

    /// <summary>Until when to trust if nothing more comes in; <see cref="TimeSpan.Zero"/> for not at all.</summary>
    public TimeSpan TrustedUntil(TimeSpan now)
    {
        _others.Forget(now);
        if (!times.CanTrust || _ownProof == Never || now - _listeningSince < times.Settling || IsAnyUnreadable(now))
        {
            return TimeSpan.Zero;
        }

        var oldest = _others.OldestProof();
        var proof = oldest < _ownProof ? oldest : _ownProof;
        return proof == Never || now - proof >= times.Trust ? TimeSpan.Zero : proof + times.Trust;
    }

    /// <summary>Whether this node has been listening in vain for so long that it should begin anew.</summary>
    public bool IsDeaf(TimeSpan now) =>
        _listeningSince is { } since && now - (_ownProof > since ? _ownProof : since) > times.Deafness;

    private bool IsAnyUnreadable(TimeSpan now) => now - _unreadableAt < BackplaneTimes.ForgetAfter;
}
