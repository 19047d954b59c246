using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FileSessions;

/// <summary>Files and folders that survive a power cut, and that nobody else can read.</summary>
internal static partial class Disk
{
    public const string AsideExtension = ".tmp";

    /// <summary>The first bytes of a file, at most that many; <see langword="null"/> if there is no such file in the folder.</summary>
    public static byte[]? Read(string path, int most)
    {
        try
        {
            using var file = File.OpenRead(path);
            var bytes = new byte[Math.Min(file.Length, most)];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    // File.Exists would not do: it says no as well when it cannot tell.
    public static bool Exists(string path)
    {
        try
        {
            File.GetAttributes(path);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Opens a file for writing that is the owner's alone.</summary>
    public static FileStream Open(string path, FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    /// <summary>Writes a file under a name beside its own, and flushes it: <see cref="PutInPlace"/> makes it the file.</summary>
    public static void WriteAside(string path, byte[] bytes)
    {
        using var file = Open(path + AsideExtension, FileMode.Create, FileShare.None);
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Puts what was written aside in the place of the file, in one step. It lasts once the folder is flushed.</summary>
    public static void PutInPlace(string path) => File.Move(path + AsideExtension, path, overwrite: true);

    /// <summary>Removes what was written aside, if that can be done.</summary>
    public static void Discard(string path)
    {
        try
        {
            File.Delete(path + AsideExtension);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The next start tries again; what went wrong before says more.
        }
    }

    /// <summary>Makes a folder that is the owner's alone, and those above it that are missing. What is there stays as it is.</summary>
    public static void MakeFolder(string path)
    {
        if (Directory.Exists(path) || Path.GetDirectoryName(path) is not { } parent)
        {
            return;
        }

        MakeFolder(parent);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Sync(parent);
    }

    /// <summary>Flushes a folder: what was created, renamed or deleted in it lasts.</summary>
    public static void Sync(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            // NTFS keeps a journal of its names, and has no such call.
            return;
        }

        using var handle = OpenFolder(folder, flags: 0);
        if (handle.IsInvalid)
        {
            throw new IOException($"The folder {folder} cannot be opened (error {Marshal.GetLastPInvokeError()}).");
        }

        RandomAccess.FlushToDisk(handle);
    }

    // .NET opens no folders.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenFolder(string path, int flags);
}
