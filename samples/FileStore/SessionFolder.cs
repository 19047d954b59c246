using KvSessions;

namespace FileSessions;

/// <summary>
/// The folder: a file for each session, the notes of unfinished steps, and the lock file. Who calls holds the locks of the sessions that a
/// call is about; those of all for <see cref="Prepare"/>, <see cref="LiveOf"/> and <see cref="Dispose"/>.
/// </summary>
internal sealed class SessionFolder(string path) : IDisposable
{
    private readonly FolderLayout _layout = new(path);
    private FolderLock? _lock;
    private SessionIndex _index = new();
    private volatile bool _isReady;
    private bool _isDisposed;

    /// <summary>Whether files and index agree and no step is unfinished.</summary>
    public bool IsReady => _isReady;

    /// <summary>Makes or takes the folder, finishes what a crash or a fault has left, and reads all files into the index.</summary>
    public void Prepare() => Guard(
        SessionStoreError.Unavailable,
        () =>
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(FileStore));
            if (_isReady)
            {
                // Somebody else has done it while the caller waited for the locks.
                return;
            }

            // Only the first time: a folder that was there and is missing now is not to be replaced by an empty one.
            _lock ??= FolderLock.Take(path);
            _lock.EnsureThere();
            foreach (var leftover in _layout.Leftovers())
            {
                File.Delete(leftover);
            }

            // A note is on the disk before its step begins, also where the process ended in between.
            Disk.Sync(path);
            foreach (var note in _layout.Notes())
            {
                Finish(note);
            }

            // What is read from now on must still be there after a power cut, whoever put it there.
            Disk.Sync(path);
            _index = ReadIndex();
            _isReady = true;
        });

    /// <summary>The record in the file, expired or not, or <see langword="null"/>.</summary>
    public SessionRecord? Read(SessionHandle handle) =>
        ReadFile(handle, Array.MaxLength) is { } bytes ? SessionFile.Read(handle, bytes) : null;

    /// <summary>The record without its values, which may be damaged.</summary>
    public SessionRecord? ReadFacts(SessionHandle handle) =>
        ReadFile(handle, SessionFile.MaxFactsLength) is { } bytes ? SessionFile.ReadFacts(handle, bytes) : null;

    /// <summary>Whether there is a file, readable or not.</summary>
    public bool Contains(SessionHandle handle) => Look(() => Disk.Exists(_layout.SessionPath(handle)));

    /// <summary>The live sessions of a subject, in order of their handles.</summary>
    /// <exception cref="SessionStoreException">There is a session of which nobody can tell whose it is.</exception>
    public IReadOnlyList<SessionHandle> LiveOf(string subject, DateTimeOffset now)
    {
        // Somebody may have repaired or removed them since they were found unreadable.
        foreach (var handle in _index.Unreadable)
        {
            if (ReadFacts(handle) is { } facts)
            {
                _index.Put(facts);
            }
        }

        return [.. Look(() => _index.LiveOf(subject, now)).Where(Contains)];
    }

    /// <summary>Sessions that have expired, those first that expired first. What changes meanwhile may be among them or not.</summary>
    public IEnumerable<SessionHandle> ExpiredAt(DateTimeOffset now) => Look(() => _index.ExpiredAt(now));

    /// <summary>Puts a record, or none, and ends others: all or nothing, and on the disk when it returns.</summary>
    /// <exception cref="SessionStoreException">
    /// Nothing has happened (<see cref="SessionStoreError.Unavailable"/>). Or it may have, now or with the next <see cref="Prepare"/>.
    /// </exception>
    public void Commit(SessionRecord? put, IReadOnlyList<SessionHandle> ends)
    {
        var intent = new Intent(put, ends);
        var note = intent.IsOneFile ? null : _layout.NotePath(put?.Handle ?? ends[0]);
        Guard(SessionStoreError.Unavailable, () => WriteAside(intent, note));
        try
        {
            Guard(SessionStoreError.UnknownOutcome, () => CarryOut(intent, note));
        }
        catch
        {
            _isReady = false;
            throw;
        }

        foreach (var handle in ends)
        {
            _index.Remove(handle);
        }

        if (put is not null)
        {
            _index.Put(put);
        }
    }

    public void Dispose()
    {
        _isDisposed = true;
        _isReady = false;
        _lock?.Dispose();
    }

    private static T Guard<T>(SessionStoreError error, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new SessionStoreException(error, $"The folder of the sessions failed ({fault.GetType().Name}).", fault);
        }
    }

    private static void Guard(SessionStoreError error, Action action) =>
        Guard(
            error,
            () =>
            {
                action();
                return true;
            });

    // The folder is looked at afterwards: had it gone meanwhile, its sessions would be taken for absent.
    private T Look<T>(Func<T> read) => Guard(
        SessionStoreError.Unavailable,
        () =>
        {
            var found = read();
            _lock!.EnsureThere();
            return found;
        });

    private byte[]? ReadFile(SessionHandle handle, int most)
    {
        var bytes = Look(() => Disk.Read(_layout.SessionPath(handle), most));
        if (bytes is null)
        {
            // If somebody has removed the file by hand, nothing else would take it out of the index.
            _index.Remove(handle);
        }

        return bytes;
    }

    // All that needs room on the disk comes first, for as long as nobody sees it.
    private void WriteAside(Intent intent, string? note)
    {
        var files = new List<(string Path, byte[] Bytes)>();
        if (intent.Put is { } put)
        {
            files.Add((_layout.SessionPath(put.Handle), SessionFile.ToBytes(put)));
        }

        if (note is not null)
        {
            files.Add((note, intent.ToBytes()));
        }

        try
        {
            files.ForEach(file => Disk.WriteAside(file.Path, file.Bytes));
        }
        catch
        {
            files.ForEach(file => Disk.Discard(file.Path));
            throw;
        }
    }

    private void CarryOut(Intent intent, string? note)
    {
        if (note is null)
        {
            CarryOut(intent);
            return;
        }

        Disk.PutInPlace(note);
        Disk.Sync(path);
        CarryOut(intent);

        // Not flushed. A power cut may bring the note back, but only if no later step was acknowledged: its flush would have been that of
        // this deletion too. So the step is done once more, and nothing is lost by that.
        File.Delete(note);
    }

    private void CarryOut(Intent intent)
    {
        if (intent.Put is { } put)
        {
            Disk.PutInPlace(_layout.SessionPath(put.Handle));
        }

        foreach (var handle in intent.Ends)
        {
            File.Delete(_layout.SessionPath(handle));
        }

        Disk.Sync(path);
    }

    // Doing all of it once more does no harm: nothing else has happened to these sessions since.
    private void Finish(string note)
    {
        var intent = Intent.FromBytes(File.ReadAllBytes(note));
        WriteAside(intent, null);
        CarryOut(intent);
        File.Delete(note);
    }

    private SessionIndex ReadIndex()
    {
        var index = new SessionIndex();
        foreach (var handle in _layout.Sessions())
        {
            try
            {
                index.Put(SessionFile.ReadFacts(handle, Disk.Read(_layout.SessionPath(handle), SessionFile.MaxFactsLength)!));
            }
            catch (SessionStoreException fault) when (fault.Error == SessionStoreError.Corrupt)
            {
                index.PutUnreadable(handle);
            }
        }

        return index;
    }
}
