namespace KvSessions.Browser.Tests;

/// <summary>
/// A browser that keeps the pages it leaves, as people's browsers do, so that "back" may show what was there. For the other tests
/// that would be a new process with every page.
/// </summary>
public sealed class PageKeepingChromium : Chromium
{
    // Not the shell, which keeps none.
    protected override IEnumerable<string> Names => ["chromium", "google-chrome", "chromium-browser"];

    protected override IEnumerable<string> UnwantedArguments => ["--disable-back-forward-cache"];
}
