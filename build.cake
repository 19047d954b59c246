using System.Text.Json;
using System.Xml.Linq;

const string Solution = "KvSessions.sln";
const string Packages = "artifacts/packages";
const string TestResults = "artifacts/test-results";
const string MutationReports = "artifacts/mutation";

string tally = null;

void Dotnet(string arguments, string directory = ".")
{
    var exitCode = StartProcess("dotnet", new ProcessSettings { Arguments = arguments, WorkingDirectory = directory });
    if (exitCode != 0)
    {
        throw new CakeException($"'dotnet {arguments}' ended with exit code {exitCode}.");
    }
}

Task("Clean")
    .Does(() =>
{
    CleanDirectory("artifacts");
    CleanDirectories("./{src,tests,samples,bench}/*/{bin,obj}");
});

Task("Restore")
    .Does(() => Dotnet($"restore {Solution} --verbosity quiet"));

Task("Format")
    .IsDependentOn("Restore")
    .Does(() =>
{
    // The build enforces every other rule of .editorconfig itself, and in less time.
    Dotnet($"format whitespace {Solution} --verify-no-changes --no-restore");
    Dotnet($"format style {Solution} --diagnostics IMPORTS --verify-no-changes --no-restore");
});

Task("Build")
    .IsDependentOn("Restore")
    .Does(() => Dotnet($"build {Solution} --configuration Release --no-restore --verbosity quiet"));

Task("Test")
    .IsDependentOn("Format")
    .IsDependentOn("Build")
    .Does(() =>
{
    CleanDirectory(TestResults);
    StartProcess("bash", "eng/install-test-browsers.sh");
    StartProcess("bash", "eng/install-test-servers.sh");
    var servers = MakeAbsolute(File($"{TestResults}/servers.log"));
    var modules = GetFiles("./tests/*/*.Tests.csproj").Select(project =>
        $"tests/{project.GetFilenameWithoutExtension()}/bin/Release/net10.0/{project.GetFilenameWithoutExtension()}.dll").ToList();

    // How soon a call ends and a store recovers is for the store to show, and not for what else is running: the faults, and the nodes that have to
    // hear of each other in time, have the machine for themselves. So has the browser, which breaks off what it is loading when the containers of
    // other tests come and go.
    var alone = modules.Where(module => new[] { ".Faults.", ".Coherence.", ".Browser." }.Any(module.Contains)).ToList();
    var exitCode = alone.Select(module => new[] { module }).Prepend(modules.Except(alone)).Select(Run).ToList().Max();

    if (FileExists(servers))
    {
        Information(System.IO.File.ReadAllText(servers.FullPath).TrimEnd());
    }

    var faults = new List<string>();
    int passed = 0, failed = 0, skipped = 0;

    foreach (var project in GetFiles("./tests/*/*.Tests.csproj"))
    {
        var name = project.GetFilenameWithoutExtension().ToString();
        var results = GetFiles($"{TestResults}/{name}_*.trx")
            .SelectMany(file => XDocument.Load(file.FullPath).Descendants().Where(element => element.Name.LocalName == "UnitTestResult"))
            .ToList();

        passed += results.Count(result => Outcome(result) == "Passed");
        skipped += results.Count(result => Outcome(result) == "NotExecuted");

        var red = results.Where(result => Outcome(result) is not ("Passed" or "NotExecuted")).ToList();
        failed += red.Count;
        faults.AddRange(red.Select(result => $"{result.Attribute("testName").Value} failed: {Reason(result)}"));

        if (results.Count == 0)
        {
            faults.Add($"{name} reported no test.");
        }

        // The runner writes the reason of a skipped test as its output.
        faults.AddRange(results
            .Where(result => Outcome(result) == "NotExecuted" && string.IsNullOrWhiteSpace(result.Value))
            .Select(result => $"{result.Attribute("testName").Value} was skipped without a reason."));
    }

    tally = $"{passed} passed, {failed} failed, {skipped} skipped";

    if (failed == 0 && exitCode != 0)
    {
        faults.Add($"'dotnet test' ended with exit code {exitCode}.");
    }

    if (faults.Count > 0)
    {
        throw new CakeException(string.Join(Environment.NewLine, faults));
    }

    int Run(IEnumerable<string> testModules) => StartProcess("dotnet", new ProcessSettings
    {
        Arguments = $"test --test-modules \"{string.Join(';', testModules)}\" --report-trx --results-directory {TestResults}",
        EnvironmentVariables = new Dictionary<string, string> { ["KVSESSIONS_TEST_SERVERS_LOG"] = servers.FullPath },
    });

    static string Outcome(XElement result) => result.Attribute("outcome").Value;

    static string Reason(XElement result) => string.Join(
        Environment.NewLine,
        result.Descendants().Where(element => element.Name.LocalName is "Message" or "StackTrace").Select(element => element.Value));
});

Task("Pack")
    .IsDependentOn("Build")
    .Does(() =>
{
    CleanDirectory(Packages);
    Dotnet($"pack {Solution} --configuration Release --no-build --output {Packages} --verbosity quiet");
    foreach (var package in GetFiles($"{Packages}/*.*nupkg"))
    {
        Information(package.GetFilename());
    }
});

// Many more histories than the tests run: --histories=1000 --seed=7 for other numbers than those of each store, from another seed.
Task("Histories")
    .IsDependentOn("Build")
    .Does(() =>
{
    var ofStores = new[] { "Memory", "Sqlite", "Postgres", "Redis" }
        .Select(store => ($"KvSessions.Stores.{store}.Tests", "*History", store == "Memory" ? 100_000 : 10_000));
    foreach (var (tests, classes, count) in ofStores.Append(("KvSessions.Coherence.Tests", "*HistoryTests *NodeTests", 10_000)))
    {
        var settings = new ProcessSettings
        {
            // The test application itself and not 'dotnet test', which hides what it says of each store.
            Arguments = $"exec tests/{tests}/bin/Release/net10.0/{tests}.dll --filter-class {classes} --show-live-output on",
            EnvironmentVariables = new Dictionary<string, string>
            {
                ["KVSESSIONS_HISTORIES"] = $"{Argument("histories", count)}",
                ["KVSESSIONS_HISTORY_SEED"] = $"{Argument("seed", 1)}",
            },
        };
        if (StartProcess("dotnet", settings) != 0)
        {
            throw new CakeException($"A history of {tests} was not in order.");
        }
    }
});

// Arguments for shorter runs are those of bench/Http/Options.cs: --rounds=2 --seconds=1 --only=none,kv-memory
Task("Bench")
    .IsDependentOn("Build")
    .Does(() =>
{
    InstallWrk();
    var arguments = new[] { "rounds", "seconds", "only", "directory", "redis", "postgres" }
        .Where(name => HasArgument(name))
        .Select(name => $"--{name}={Argument<string>(name)}");
    Dotnet($"run --project bench/Http --configuration Release --no-build -- {string.Join(' ', arguments)}");
});

// Kills the processes that write to a SQLite file 300 times, and servers that an application writes to 100 times each, or all as often as
// --cycles says; docs/reliability.md says what for.
Task("Crash")
    .IsDependentOn("Build")
    .Does(() =>
{
    foreach (var (project, tests, cycles) in new[] { ("KvSessions.Stores.Sqlite.Tests", "*.CrashTests", "300"), ("KvSessions.Faults.Tests", "*KillTests", "100") })
    {
        Environment.SetEnvironmentVariable("KVSESSIONS_CRASH_CYCLES", Argument("cycles", cycles));
        Dotnet($"run --project tests/{project} --configuration Release --no-build -- --filter-class {tests} --show-live-output on");
    }
});

// Fills the stores with a million sessions and sweeps half of them away: --sessions=100000 for fewer.
Task("Million")
    .IsDependentOn("Build")
    .Does(() => Dotnet($"run --project bench/Million --configuration Release --no-build -- {Argument("sessions", 1_000_000)}"));

// The load comes from https://github.com/wg/wrk, which Debian has as a package.
void InstallWrk()
{
    if (Context.Tools.Resolve("wrk") is not null)
    {
        return;
    }

    if (!FileExists("/etc/debian_version") || Environment.UserName != "root" || StartProcess("apt-get", "install -y wrk") != 0)
    {
        throw new CakeException("The benchmark needs 'wrk' on the PATH; on Debian: sudo apt-get install wrk");
    }
}

// In pieces, so that an interruption loses one of them, and so that one can be had alone: --only=Sessions,Stores
Task("Mutation")
    .Does(() =>
{
    var pieces = new (string Name, string Project, string[] Files)[]
    {
        ("Model", "Core", ["Model/**", "Keys/**", "Errors/**"]),
        ("Sessions", "Core", ["Sessions/**"]),
        ("Stores", "Core", ["Stores/**", "Subjects/**", "Hosting/**"]),
        ("Caching", "Core", ["Caching/**", "Backplane/**"]),
        ("AspNetCore", "AspNetCore", ["**"]),
    };
    // Stryker asks 'dotnet --info' where the SDK is, and by itself does not wait long enough for a busy machine.
    Environment.SetEnvironmentVariable("DOTNET_INFO_WAIT_TIME", "120000");
    var only = Argument("only", "").Split(',', StringSplitOptions.RemoveEmptyEntries);
    foreach (var (name, project, files) in pieces.Where(piece => only.Length == 0 || only.Contains(piece.Name)))
    {
        var output = MakeAbsolute(Directory($"{MutationReports}/{name}"));
        CleanDirectory(output);
        IEnumerable<string> arguments =
        [
            "stryker --config-file ../../eng/stryker.json --skip-version-check",
            $"--project KvSessions.{project}.csproj --test-project ../../tests/KvSessions.{project}.Tests/KvSessions.{project}.Tests.csproj",
            $"--output {output}",
            .. files.Select(static pattern => $"--mutate {pattern}/*.cs"),
        ];
        Dotnet(string.Join(' ', arguments), $"src/KvSessions.{project}");
    }

    PrintMutationScores(GetFiles($"{MutationReports}/**/mutation-report.json"));
});

// By folder, of all reports that are there: the share of the mutants that a test noticed, by failing or by not coming to an end.
void PrintMutationScores(IEnumerable<FilePath> reports)
{
    var mutants = reports
        .SelectMany(static report => JsonDocument.Parse(System.IO.File.ReadAllText(report.FullPath)).RootElement.GetProperty("files").EnumerateObject())
        .SelectMany(static file => file.Value.GetProperty("mutants").EnumerateArray().Select(mutant => (file.Name, Status: mutant.GetProperty("status").GetString())))
        .Where(static mutant => mutant.Status is "Killed" or "Timeout" or "Survived" or "NoCoverage")
        .Select(static mutant => (Path: mutant.Name[(mutant.Name.IndexOf("/src/KvSessions.") + 16)..], IsFound: mutant.Status is "Killed" or "Timeout"))
        .ToList();
    var groups = mutants.GroupBy(static mutant => mutant.Path.Split('/')[0])
        .Concat(mutants.GroupBy(static mutant => mutant.Path[..mutant.Path.LastIndexOf('/')]))
        .DistinctBy(static group => group.Key)
        .OrderBy(static group => group.Key, StringComparer.Ordinal);
    foreach (var group in groups)
    {
        var found = group.Count(static mutant => mutant.IsFound);
        Information("{0,-20} {1,5:P1}  {2} of {3} mutants found", group.Key, (double)found / group.Count(), found, group.Count());
    }
}

// The tally is the last line, also when the build is red, so that people and scripts find it in the same place.
try
{
    RunTarget(Argument("target", "Test"));
}
catch (Exception error) when (tally is not null)
{
    Error(error.Message);
    Console.WriteLine(tally);
    Environment.Exit(1);
}

if (tally is not null)
{
    Console.WriteLine(tally);
}
