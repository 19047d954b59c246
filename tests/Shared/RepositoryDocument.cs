namespace KvSessions.Tests;

/// <summary>The documents of the repository that the tests are built from, for those that hold the code to what it is said to do.</summary>
internal static class RepositoryDocument
{
    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "KvSessions.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("There is no KvSessions.sln above the tests.");
        }

        return folder.FullName;
    }
}
