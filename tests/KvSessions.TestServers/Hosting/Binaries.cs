namespace KvSessions.TestServers.Hosting;

/// <summary>Finds the executables of this machine.</summary>
internal static class Binaries
{
    // Debian has the programs of PostgreSQL in a directory for each version, and those for administrators outside an ordinary user's PATH.
    private static IEnumerable<string> Directories =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Concat(Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderByDescending(Version).Select(directory => Path.Combine(directory, "bin"))
            : [])
        .Concat(["/usr/local/bin", "/usr/sbin", "/usr/bin"]);

    /// <summary>The full path of a program, or <see langword="null"/>. Without Linux's <c>/proc</c> and <c>setpriv</c> no server is run: there it takes a container.</summary>
    public static string? Find(string name) => OperatingSystem.IsLinux() ? Directories.Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists) : null;

    private static int Version(string directory) => int.TryParse(Path.GetFileName(directory), out var version) ? version : 0;
}
