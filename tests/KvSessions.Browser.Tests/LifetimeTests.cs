using static Microsoft.Playwright.Assertions;

namespace KvSessions.Browser.Tests;

public sealed class LifetimeTests(Chromium chromium) : SiteTest(chromium)
{
    [Fact]
    public async Task Sessions_outlive_the_application()
    {
        var visitor = await NewVisitorAsync();
        await visitor.SignInAsync();
        await visitor.FillCartAsync();
        var before = await visitor.CookieAsync();

        await Site.RestartAsync();

        // The form is from before, too.
        await visitor.PressAsync("Add Brass pencil to cart");
        await Expect(visitor.CartLink).ToHaveTextAsync("Cart (2)");
        await visitor.ExpectSignedInAsync();
        Assert.Equal(before.Value, (await visitor.CookieAsync()).Value);
    }

    [Fact]
    public async Task An_idle_session_ends_and_its_visitor_is_anonymous()
    {
        var visitor = await NewVisitorAsync();
        await visitor.FillCartAsync();
        await visitor.SignInAsync();
        var before = await visitor.CookieAsync();

        await Site.LetTimePassAsync(TimeSpan.FromMinutes(22));

        await visitor.ExpectSignedOutOnNextRequestAsync();
        await Expect(visitor.CartLink).ToHaveTextAsync("Cart");
        Assert.NotEqual(before.Value, (await visitor.CookieAsync()).Value);
    }

    [Fact]
    public async Task A_visit_keeps_a_session_from_ending()
    {
        var visitor = await NewVisitorAsync();
        await visitor.SignInAsync();
        await Site.LetTimePassAsync(TimeSpan.FromMinutes(15));
        await visitor.OpenAsync("/");
        await Site.WaitForTouchAsync(TimeSpan.FromMinutes(5));
        await Site.LetTimePassAsync(TimeSpan.FromMinutes(15));

        await visitor.OpenAsync("/");

        await visitor.ExpectSignedInAsync();
    }

    [Fact]
    public async Task A_remembered_session_ends_after_thirty_days_and_not_for_idleness()
    {
        var visitor = await NewVisitorAsync();
        await visitor.SignInAsync(remember: true);

        await Site.LetTimePassAsync(TimeSpan.FromDays(29));
        await visitor.OpenAsync("/");
        await visitor.ExpectSignedInAsync();

        await Site.LetTimePassAsync(TimeSpan.FromDays(2));
        await visitor.ExpectSignedOutOnNextRequestAsync();
    }
}
