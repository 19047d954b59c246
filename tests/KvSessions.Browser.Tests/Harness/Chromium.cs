using KvSessions.Browser.Tests;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace KvSessions.Browser.Tests;

/// <summary>The one browser that all tests share; what a test does in it stays in contexts of its own.</summary>
public class Chromium : IAsyncLifetime
{
    private const string ExecutableVariable = "KVSESSIONS_TEST_CHROMIUM";

    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>What the executable may be called. The shell first: the same engine costs a quarter without all that is for people.</summary>
    protected virtual IEnumerable<string> Names => ["chromium-headless-shell", "chromium", "google-chrome", "chromium-browser"];

    /// <summary>Arguments that Playwright adds, and should not.</summary>
    protected virtual IEnumerable<string> UnwantedArguments => [];

    public async ValueTask InitializeAsync()
    {
        // A deadline, and not what is expected: a machine that runs other things besides the tests may pause them.
        Assertions.SetDefaultExpectTimeout(30_000);
        var executable = Find();
        _playwright = await Playwright.CreateAsync();
        try
        {
            _browser = await _playwright.Chromium.LaunchAsync(new()
            {
                ExecutablePath = executable,
                Args = Arguments,
                IgnoreDefaultArgs = UnwantedArguments,
            });
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public Task<IBrowserContext> NewContextAsync(BrowserNewContextOptions options) => _browser!.NewContextAsync(options);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    private string Find()
    {
        if (Environment.GetEnvironmentVariable(ExecutableVariable) is { Length: > 0 } named)
        {
            return File.Exists(named) ? named : throw new FileNotFoundException($"{ExecutableVariable} names '{named}', which is not there.");
        }

        var directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return Names.SelectMany(name => directories.Select(directory => Path.Combine(directory, name))).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException(
                $"The browser tests need Chromium: install it (Debian: 'apt-get install chromium chromium-headless-shell'), or name an executable in {ExecutableVariable}.");
    }
}
