using Microsoft.Playwright;

namespace KvSessions.Browser.Tests;

/// <summary>A test with a site of its own, and as many visitors as it wants.</summary>
public abstract class SiteTest(Chromium chromium) : IAsyncLifetime
{
    private readonly List<Visitor> _visitors = [];
    private Site? _site;

    protected Site Site => _site!;

    protected virtual bool Https => false;

    public async ValueTask InitializeAsync() => _site = await Site.StartAsync(Https);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var visitor in _visitors)
        {
            await visitor.DisposeAsync();
        }

        if (_site is not null)
        {
            await _site.DisposeAsync();
            TestContext.Current.TestOutputHelper?.WriteLine(_site.Output);

            // Whatever a test is about, the site must not have failed on the way.
            Assert.Empty(_site.Faults);
            Assert.Empty(_visitors.SelectMany(static visitor => visitor.Faults));
        }
    }

    protected async Task<Visitor> NewVisitorAsync(BrowserNewContextOptions? options = null)
    {
        var visitor = await Visitor.ComeAsync(chromium, Site.Url, options);
        _visitors.Add(visitor);
        return visitor;
    }
}
