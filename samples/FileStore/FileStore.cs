using KvSessions;

namespace FileSessions;

/// <summary>Keeps sessions in a folder, a file for each, for an application of one process.</summary>
/// <remarks>
/// <para>One process at a time owns the folder: for another one the store is <see cref="SessionStoreError.Unavailable"/> until the first
/// has ended, or has disposed its store.</para>
/// <para>The clock that decides is the <see cref="TimeProvider"/> of that process, by default the machine's. A clock that is five minutes off
/// all the time changes nothing but moments that are given as such (<see cref="SessionExpiry.AbsoluteExpiresAt"/>): those come five minutes
/// early or late. When it is put right, the sessions of that time live five minutes shorter or longer.</para>
/// </remarks>
public sealed partial class FileStore : ISubjectLimitStore, IExpiredSessionStore, IAsyncDisposable
{
    private readonly HandleLocks _locks = new();
    private readonly SessionFolder _folder;
    private readonly TimeProvider _clock;

    /// <summary>A store on <paramref name="folder"/>. Nothing is opened before the first call, which makes the folder if it is missing.</summary>
    /// <param name="folder">The folder, which holds nothing else.</param>
    /// <param name="timeProvider">The clock that decides; the system's by default.</param>
    public FileStore(string folder, TimeProvider? timeProvider = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        _folder = new SessionFolder(Path.GetFullPath(folder));
        _clock = timeProvider ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public ValueTask<SessionRecord?> LoadAsync(SessionHandle handle, CancellationToken ct = default) =>
        DoAsync([handle], now => FindLive(handle, now), ct);

    /// <inheritdoc/>
    public ValueTask<bool> CreateAsync(SessionRecord record, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        return DoAsync(
            [record.Handle],
            now =>
            {
                if (_folder.Contains(record.Handle))
                {
                    return false;
                }

                _folder.Commit(record.AcceptedAt(now), []);
                return true;
            },
            ct);
    }

    /// <inheritdoc/>
    public ValueTask<SaveResult> SaveAsync(SessionHandle handle, SessionChanges changes, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        return DoAsync(
            [handle],
            now =>
            {
                if (FindLive(handle, now) is not { } record)
                {
                    return SaveResult.Gone;
                }

                var result = record.Apply(changes, now, out var next);
                if (result.Status == SaveStatus.Saved)
                {
                    _folder.Commit(next, []);
                }

                return result;
            },
            ct);
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteAsync(SessionHandle handle, CancellationToken ct = default) =>
        DoAsync(
            [handle],
            now =>
            {
                if (_folder.ReadFacts(handle) is not { } facts || facts.IsExpiredAt(now))
                {
                    return false;
                }

                _folder.Commit(null, [handle]);
                return true;
            },
            ct);

    /// <inheritdoc/>
    public ValueTask<SaveResult> RenewAsync(SessionHandle old, SessionRecord renewed, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(renewed);
        return DoAsync(
            [old, renewed.Handle],
            now =>
            {
                var accepted = renewed.AcceptedAt(now);
                var result = MayEnter(old, accepted, now);
                if (result.Status == SaveStatus.Saved)
                {
                    _folder.Commit(accepted, [old]);
                }

                return result;
            },
            ct);
    }

    /// <summary>Waits for the steps under way, and leaves the folder to whoever takes it next.</summary>
    public async ValueTask DisposeAsync()
    {
        using (await _locks.TakeAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            _folder.Dispose();
        }
    }

    private async ValueTask<T> DoAsync<T>(SessionHandle[]? handles, Func<DateTimeOffset, T> step, CancellationToken ct)
    {
        while (true)
        {
            using (await _locks.TakeAsync(handles, ct).ConfigureAwait(false))
            {
                if (_folder.IsReady)
                {
                    // On a thread of its own: a disk that hangs must not hold the caller, who has a deadline to keep.
                    return await Task.Run(() => step(_clock.GetUtcNow()), CancellationToken.None).ConfigureAwait(false);
                }
            }

            using (await _locks.TakeAllAsync(ct).ConfigureAwait(false))
            {
                await Task.Run(_folder.Prepare, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private SessionRecord? FindLive(SessionHandle handle, DateTimeOffset now) =>
        _folder.Read(handle) is { } record && !record.IsExpiredAt(now) ? record : null;

    private SaveResult MayEnter(SessionHandle? old, SessionRecord record, DateTimeOffset now)
    {
        var status = old is not { } handle ? SaveStatus.Saved
            : FindLive(handle, now)?.CanBecome(record, now) ?? SaveStatus.Gone;
        return status == SaveStatus.Gone ? SaveResult.Gone
            : status == SaveStatus.Conflict || _folder.Contains(record.Handle) ? SaveResult.Conflict
            : SaveResult.Saved(record);
    }
}
