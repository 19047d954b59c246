using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KvSessions.Browser.Tests;

public sealed class BackTests(PageKeepingChromium chromium) : SiteTest(chromium), IClassFixture<PageKeepingChromium>
{
    [Fact]
    public async Task Back_after_signing_out_shows_nothing_private()
    {
        var visitor = await NewVisitorAsync();
        await visitor.SignInAsync();
        await visitor.OpenAsync("/devices");
        await Expect(visitor.Page.GetByText("This device")).ToBeVisibleAsync();
        await visitor.SignOutAsync();

        // The page may come out of the browser's memory as it was, and then it does not load.
        await visitor.Page.GoBackAsync(new() { WaitUntil = WaitUntilState.Commit });

        await visitor.ExpectAnonymousAsync();
        await Expect(visitor.Page.GetByText("This device")).ToHaveCountAsync(0);
    }
}
