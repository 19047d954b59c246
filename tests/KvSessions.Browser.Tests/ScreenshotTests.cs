using Microsoft.Playwright;

namespace KvSessions.Browser.Tests;

/// <summary>What the site looks like, for people to look at: in artifacts/screenshots.</summary>
public sealed class ScreenshotTests(Chromium chromium) : SiteTest(chromium)
{
    private static readonly (string Name, ColorScheme Colors, int Width)[] Screens =
    [
        ("light", ColorScheme.Light, 1280), ("dark", ColorScheme.Dark, 1280), ("narrow", ColorScheme.Light, 360),
    ];

    [Fact]
    public async Task Every_page_fits_every_screen()
    {
        var (visitor, second) = (await NewVisitorAsync(), await NewVisitorAsync());
        await second.SignInAsync();
        await foreach (var page in Tour.OfAllPagesAsync(visitor))
        {
            foreach (var (name, colors, width) in Screens)
            {
                await visitor.Page.SetViewportSizeAsync(width, 800);
                await visitor.Page.EmulateMediaAsync(new() { ColorScheme = colors });
                await visitor.Page.ScreenshotAsync(new() { Path = Path.Combine(BuildFacts.Screenshots, $"{page}-{name}.png"), FullPage = true });
                var needed = await visitor.Page.EvaluateAsync<int>("document.documentElement.scrollWidth");
                Assert.True(needed == width, $"{page} is {needed} wide on a screen of {width}.");
            }
        }
    }
}
