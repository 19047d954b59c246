using System.Diagnostics;

namespace KvSessions.Tests;

/// <summary>A file system in memory that holds little, and can be filled to the last byte.</summary>
/// <remarks>
/// Linux lets only root mount it. Elsewhere the test that asks for one is skipped, with the reason; where <c>CI</c> is set it fails.
/// </remarks>
public sealed class SmallDisk : IDisposable
{
    private const int BlockBytes = 4096;

    private SmallDisk(string directory) => Directory = directory;

    public string Directory { get; }

    private string Ballast => Path.Combine(Directory, "ballast");

    public static SmallDisk Mount(int megabytes)
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("kvsessions-disk-").FullName;
        if (Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=0700", "kvsessions-test", directory) is { } objection)
        {
            System.IO.Directory.Delete(directory);
            var reason = $"A full disk needs a small tmpfs, which can be mounted by root on Linux only: {objection}";
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") is null, reason);
            Assert.Fail(reason);
        }

        return new SmallDisk(directory);
    }

    /// <summary>Takes all the room that is left.</summary>
    public void Fill()
    {
        using var ballast = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[BlockBytes];
        try
        {
            while (true)
            {
                ballast.Write(block);
            }
        }
        catch (IOException)
        {
            // The disk is full, which is what this is for.
        }
    }

    /// <summary>Gives back what <see cref="Fill"/> took.</summary>
    public void MakeRoom() => File.Delete(Ballast);

    public void Dispose()
    {
        Assert.Null(Run("umount", Directory));
        System.IO.Directory.Delete(Directory);
    }

    /// <returns>What the program had to say if it failed; <see langword="null"/> if it succeeded.</returns>
    private static string? Run(string program, params IEnumerable<string> arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : $"{program}: {error.Trim()}";
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return $"{program}: {missing.Message}";
        }
    }
}
