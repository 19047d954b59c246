using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace KvSessions;

/// <summary>
/// Sends what this node has to say, one message after the other: the next when the last is at the backplane. What waits meanwhile goes
/// with the next one. When one may not have been sent, the next that is sent asks for a flush, and until then nothing else is sent.
/// </summary>
/// <param name="backplane">What carries the messages.</param>
/// <param name="times">The times of the protocol.</param>
/// <param name="uptime">The uptime of this node.</param>
/// <param name="clock">The clock.</param>
/// <param name="isInDoubt">Whether writes of this node may yet be applied, of which nobody would hear once it has stopped.</param>
/// <param name="logger">Hears when sending begins to fail, and to work.</param>
internal sealed class Announcer(
    ISessionBackplane backplane, BackplaneTimes times, Uptime uptime, TimeProvider clock, Func<bool> isInDoubt, ILogger logger)
{
    private readonly Lock _gate = new();
    private List<Announcement> _waiting = [];
    private TaskCompletionSource? _nextMessage;
    private long _sequence;
    private bool _owesFlush;
    private bool _owesHeartbeat;
    private bool _isFailing;
    private bool _isRetryDue;
    private bool _isSending;
    private bool _isLeaving;

    /// <summary>How the other nodes know this one.</summary>
    public ulong Node { get; } = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>Announces a new version, and waits until that is sent, but not for long.</summary>
    public ValueTask AnnounceAsync(SessionHandle handle, long version)
    {
        Task sent;
        lock (_gate)
        {
            if (_isFailing)
            {
                // There is no point in waiting. A flush may be under way, which the others may do before this was written: one more is owed.
                _owesFlush = true;
                return ValueTask.CompletedTask;
            }

            if (_waiting.Count == BackplaneMessage.MaxAnnouncements)
            {
                // They must all go with the next message: whoever is told late may hear heartbeats until then, and trust in them.
                _owesFlush = true;
            }

            if (!_owesFlush)
            {
                _waiting.Add(new(handle, version));
            }

            sent = NextMessage();
        }

        Send();
        return sent.IsCompleted ? ValueTask.CompletedTask : WaitAsync(sent);
    }

    /// <summary>Sends a heartbeat, or the flush that is owed.</summary>
    public void Beat()
    {
        lock (_gate)
        {
            (_owesHeartbeat, _isRetryDue) = (true, true);
        }

        Send();
    }

    /// <summary>Says goodbye, after all that has to be said. What is announced later is still sent.</summary>
    public Task LeaveAsync()
    {
        Task sent;
        lock (_gate)
        {
            (_isLeaving, _owesHeartbeat, _isRetryDue) = (true, true, true);
            sent = NextMessage();
        }

        Send();
        return sent;
    }

    private async ValueTask WaitAsync(Task sent) =>
        await sent.WaitAsync(BackplaneTimes.SoftDeadline, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private Task NextMessage() => (_nextMessage ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private void Send()
    {
        lock (_gate)
        {
            if (_isSending)
            {
                return;
            }

            _isSending = true;
        }

        _ = SendAllAsync();
    }

    private async Task SendAllAsync()
    {
        while (TryTake(out var message, out var sent))
        {
            var fault = await PublishAsync(message).ConfigureAwait(false);
            Note(fault);
            sent?.SetResult();
        }
    }

    private bool TryTake(out ReadOnlyMemory<byte> message, out TaskCompletionSource? sent)
    {
        lock (_gate)
        {
            if (KindOfNext() is not { } kind)
            {
                _isSending = false;
                (message, sent) = (default, null);
                return false;
            }

            IReadOnlyList<Announcement> announcements = [];
            if (kind == BackplaneMessageKind.Outdated)
            {
                announcements = _waiting;
            }

            if (_waiting.Count > 0)
            {
                _waiting = [];
            }

            // Whatever is sent shows that the node is there, but for a flush.
            _owesHeartbeat &= kind == BackplaneMessageKind.Flush && !_isLeaving;
            (_owesFlush, _isRetryDue) = (false, false);
            message = BackplaneMessage.Write(kind, _isLeaving, _isLeaving && isInDoubt(), Node, ++_sequence, uptime.Now, announcements);
            (sent, _nextMessage) = (_nextMessage, null);
            return true;
        }
    }

    private BackplaneMessageKind? KindOfNext()
    {
        if (_isFailing)
        {
            return _isRetryDue ? BackplaneMessageKind.Flush : null;
        }

        return _owesFlush ? BackplaneMessageKind.Flush
            : _waiting.Count > 0 ? BackplaneMessageKind.Outdated
            : _owesHeartbeat ? BackplaneMessageKind.Heartbeat
            : null;
    }

    private async ValueTask<Exception?> PublishAsync(ReadOnlyMemory<byte> message)
    {
        using var patience = new CancellationTokenSource(times.Patience, clock);
        try
        {
            var publishing = backplane.PublishAsync(message, patience.Token);
            if (publishing.IsCompletedSuccessfully)
            {
                return null;
            }

            // Whatever the driver does with the token.
            await publishing.AsTask().WaitAsync(patience.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception fault)
        {
            // Of any kind: nobody waits for this, and nothing else may be sent before the flush.
            return fault;
        }
    }

    private void Note(Exception? fault)
    {
        bool hasChanged;
        lock (_gate)
        {
            hasChanged = _isFailing != fault is not null;
            _isFailing = fault is not null;
        }

        if (hasChanged && fault is not null)
        {
            logger.PublishingFails(fault);
        }
        else if (hasChanged)
        {
            logger.PublishingWorks();
        }
    }
}
