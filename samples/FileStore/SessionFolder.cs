using KvSessions;

namespace FileSessions;

/// <summary>
/// The files. Whoever calls holds the locks of the sessions concerned. A fault of the disk becomes a <see cref="SessionStoreException"/> here
/// and nowhere else: before anything has changed it is <see cref="SessionStoreError.Unavailable"/>, after that
/// <see cref="SessionStoreError.UnknownOutcome"/>, and the folder is not ready until it has been prepared anew.
/// </summary>
internal sealed class SessionFolder(string folder) : IDisposable
{
    private const string Session = ".session";
    private const string Unfinished = ".intent";
    private const string Temporary = ".tmp";

    private readonly string _lockFile = Path.Combine(folder, "lock");
    private SessionIndex _index = new();
    private FileStream? _owner;
    private volatile bool _isReady;
    private bool _isDisposed;

    /// <summary>Whether the files and the index say the same, and no step is unfinished.</summary>
    public bool IsReady => _isReady;

    /// <summary>Takes the folder, finishes what a crash has left unfinished, and reads all files. The caller holds all locks.</summary>
    public void Prepare()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, typeof(FileStore));
        if (_isReady)
        {
            return;
        }

        Guard(
            SessionStoreError.Unavailable,
            () =>
            {
                // Once only: a folder that is missing later is a disk that has gone away, and sessions that are out of reach.
                _owner ??= Own();
                ThrowIfAway();
                foreach (var file in Files(Unfinished))
                {
                    Finish(Intent.Read(File.ReadAllBytes(file)), file);
                }

                Files(Temporary).ForEach(File.Delete);
                _index = ReadIndex();
                _isReady = true;
            });
    }

    /// <summary>The record in the file, expired or not; <see langword="null"/> if there is no file.</summary>
    public SessionRecord? Read(SessionHandle handle) => ReadBytes(handle) is { } bytes ? SessionFile.Read(handle, bytes) : null;

    /// <summary>The same without its values, which need not be readable.</summary>
    public SessionRecord? ReadFacts(SessionHandle handle) => ReadBytes(handle) is { } bytes ? SessionFile.ReadFacts(handle, bytes) : null;

    /// <summary>The live sessions of a subject, in order of their handles. From memory, but only while the folder is there.</summary>
    public IReadOnlyList<SessionHandle> LiveOf(string subject, DateTimeOffset now)
    {
        ThrowIfAway();
        return _index.LiveOf(subject, now);
    }

    /// <summary>The sessions that have expired. From memory, but only while the folder is there.</summary>
    public IReadOnlyList<SessionHandle> ExpiredAt(DateTimeOffset now)
    {
        ThrowIfAway();
        return _index.ExpiredAt(now);
    }

    public bool Contains(SessionHandle handle)
    {
        if (File.Exists(PathOf(handle)))
        {
            return true;
        }

        ThrowIfAway();
        return false;
    }

    public bool TryDeleteExpired(SessionHandle handle, DateTimeOffset now)
    {
        if (ReadFacts(handle) is not { } record || !record.IsExpiredAt(now))
        {
            return false;
        }

        Commit(null, [handle]);
        return true;
    }

    /// <summary>Puts a record and ends others, all or nothing. There need be neither.</summary>
    public void Commit(SessionRecord? put, IReadOnlyList<SessionHandle> ends)
    {
        var intent = new Intent(put?.Handle, put is null ? [] : SessionFile.Write(put), ends);
        if (ends.Count + (put is null ? 0 : 1) > 1)
        {
            // From the moment it is written down it is done: what is missing then is made up for when the folder is next prepared.
            var unfinished = PathOf(put?.Handle ?? ends[0], Unfinished);
            Guard(SessionStoreError.Unavailable, () => Disk.Write(unfinished + Temporary, intent.ToBytes()));
            Change(() => Publish(unfinished));
            Change(() => Finish(intent, unfinished));
        }
        else if (put is not null)
        {
            Guard(SessionStoreError.Unavailable, () => Disk.Write(PathOf(put.Handle) + Temporary, intent.Bytes));
            Change(() => Publish(PathOf(put.Handle)));
        }
        else if (ends.Count == 1)
        {
            Change(() => Finish(intent, unfinished: null));
        }

        ends.ToList().ForEach(_index.Remove);
        if (put is not null)
        {
            _index.Put(put);
        }
    }

    public void Dispose()
    {
        (_isDisposed, _isReady) = (true, false);
        _owner?.Dispose();
    }

    private FileStream Own()
    {
        Disk.CreateFolder(folder);
        try
        {
            return Disk.OpenAlone(_lockFile, FileMode.OpenOrCreate);
        }
        catch (IOException fault)
        {
            throw new SessionStoreException(
                SessionStoreError.Unavailable, "The folder of the sessions cannot be locked: another process may own it.", fault);
        }
    }

    private void Finish(Intent intent, string? unfinished)
    {
        if (intent.Put is { } put)
        {
            Disk.Write(PathOf(put) + Temporary, intent.Bytes);
            Publish(PathOf(put));
        }

        foreach (var handle in intent.Ends)
        {
            File.Delete(PathOf(handle));
        }

        Disk.Sync(folder);
        if (unfinished is not null)
        {
            File.Delete(unfinished);
        }
    }

    private void Publish(string path)
    {
        File.Move(path + Temporary, path, overwrite: true);
        Disk.Sync(folder);
    }

    private byte[]? ReadBytes(SessionHandle handle) =>
        Guard(SessionStoreError.Unavailable, () => Contains(handle) ? File.ReadAllBytes(PathOf(handle)) : null);

    private SessionIndex ReadIndex()
    {
        var index = new SessionIndex();
        foreach (var file in Files(Session))
        {
            var handle = HandleOf(file);
            try
            {
                index.Put(SessionFile.ReadFacts(handle, File.ReadAllBytes(file)));
            }
            catch (SessionStoreException)
            {
                index.Unreadable = handle;
            }
        }

        return index;
    }

    // The lock file is there as long as the folder is: without it, what is missing is the disk and not the session.
    private void ThrowIfAway()
    {
        if (!File.Exists(_lockFile))
        {
            throw new SessionStoreException(SessionStoreError.Unavailable, "The folder of the sessions is not there.");
        }
    }

    private void Change(Action change)
    {
        try
        {
            Guard(SessionStoreError.UnknownOutcome, change);
        }
        catch
        {
            _isReady = false;
            throw;
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

    private List<string> Files(string extension) => [.. Directory.EnumerateFiles(folder, "*" + extension)];

    private static SessionHandle HandleOf(string file)
    {
        try
        {
            return new SessionHandle(Convert.FromHexString(Path.GetFileNameWithoutExtension(file)));
        }
        catch (Exception fault) when (fault is FormatException or ArgumentException)
        {
            throw new SessionStoreException(SessionStoreError.Corrupt, "In the folder of the sessions is a file that is none.", fault);
        }
    }

    // In hexadecimal: there are file systems to which "a" and "A" are the same.
    private string PathOf(SessionHandle handle, string extension = Session) =>
        Path.Combine(folder, Convert.ToHexStringLower(handle.ToByteArray()) + extension);
}
