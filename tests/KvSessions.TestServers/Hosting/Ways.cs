namespace KvSessions.TestServers.Hosting;

/// <summary>Which ways to a server may be tried. <c>KVSESSIONS_TEST_SERVERS</c> insists on one of them: continuous integration means containers when it says so.</summary>
internal static class Ways
{
    private const string Variable = "KVSESSIONS_TEST_SERVERS";

    public static bool Containers => Only is null or "containers";

    public static bool Binaries => Only is null or "binaries";

    private static string? Only => Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" => null,
        "containers" => "containers",
        "binaries" => "binaries",
        var other => throw new TestServersException($"{Variable} is '{other}'; it can be 'containers' or 'binaries'."),
    };

    public static TestServersException NothingFound(string server, string variable, string package) => new(Only switch
    {
        "containers" => $"{Variable} asks for containers, and no Docker engine answers: start one (Debian: eng/containers/start-docker.sh).",
        "binaries" => $"{Variable} asks for server binaries, and {server} is not on this machine: install it (Debian: 'apt-get install {package}').",
        _ => $"The tests need {server}: start Docker, or install it (Debian: 'apt-get install {package}'), or name a running server in {variable}.",
    });
}
