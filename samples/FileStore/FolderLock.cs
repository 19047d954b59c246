namespace FileSessions;

/// <summary>The lock file, by which one process at a time owns the folder.</summary>
internal sealed class FolderLock : IDisposable
{
    private readonly string _path;
    private readonly FileStream _file;
    private readonly DateTime _takenAt;

    private FolderLock(string path)
    {
        _path = path;

        // It stays there when the lock is given back: if it were removed, two processes could hold two files of its name.
        _file = Disk.Open(path, FileMode.OpenOrCreate, FileShare.None);
        try
        {
            File.SetLastWriteTimeUtc(_file.SafeFileHandle, DateTime.UtcNow);
            _takenAt = File.GetLastWriteTimeUtc(path);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>Takes the folder, and makes it if it is missing.</summary>
    /// <exception cref="IOException">Another process has it.</exception>
    public static FolderLock Take(string folder)
    {
        Disk.MakeFolder(folder);
        return new FolderLock(Path.Combine(folder, "lock"));
    }

    /// <summary>Looks whether the folder is still the one that was taken.</summary>
    /// <exception cref="IOException">It is gone, or another one is in its place.</exception>
    public void EnsureThere()
    {
        // The time tells this file from that of another folder; of a missing file it is that of none.
        if (File.GetLastWriteTimeUtc(_path) != _takenAt)
        {
            throw new IOException($"The lock file {_path} is not there any more, or is another one.");
        }
    }

    public void Dispose() => _file.Dispose();
}
