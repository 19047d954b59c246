using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FileSessions;

/// <summary>Files that are on the disk when a method returns, and that nobody but this user can read.</summary>
internal static partial class Disk
{
    /// <summary>Makes the folder, for this user alone, unless it is there.</summary>
    public static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Opens a file that nobody else can have open at the same time.</summary>
    public static FileStream OpenAlone(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    public static void Write(string path, byte[] bytes)
    {
        using var file = OpenAlone(path, FileMode.Create);
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Makes sure that what was renamed and deleted in the folder stays so, whatever happens to the power.</summary>
    public static void Sync(string folder)
    {
        // .NET opens no directory, and on Windows there is nothing to do: NTFS keeps a journal of its own.
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var handle = new SafeFileHandle(Open(folder, 0), ownsHandle: true);
        if (handle.IsInvalid)
        {
            throw new IOException("The folder cannot be opened.", new Win32Exception(Marshal.GetLastPInvokeError()));
        }

        RandomAccess.FlushToDisk(handle);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
