using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KvSessions.Browser.Tests;

/// <summary>A walk that leads past everything the site can show.</summary>
internal static class Tour
{
    /// <summary>Opens one page after the other, and says what it is called.</summary>
    public static async IAsyncEnumerable<string> OfAllPagesAsync(Visitor visitor)
    {
        await visitor.OpenAsync("/");
        yield return "shop";

        await visitor.FillCartAsync("Desk lamp");
        await visitor.FillCartAsync();
        yield return "shop-message";

        await visitor.OpenAsync("/cart");
        yield return "cart";

        await visitor.OpenAsync("/sign-in");
        yield return "sign-in";

        await visitor.Page.GetByLabel("Name").FillAsync("ada");
        await visitor.Page.GetByLabel("Password").FillAsync("wrong");
        await visitor.PressAsync("Sign in");
        await Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Name and password do not match. Try again.");
        await Expect(visitor.Page.GetByLabel("Name")).ToHaveValueAsync("ada");
        yield return "sign-in-failed";

        await visitor.SignInAsync(remember: true);
        yield return "shop-signed-in";

        await visitor.OpenAsync("/counter");
        await visitor.PressAsync("Raise by one");
        await Expect(visitor.Count).ToHaveTextAsync("1");
        yield return "counter";

        await visitor.OpenAsync("/devices");
        yield return "devices";

        await visitor.OpenAsync("/no-such-page");
        yield return "not-found";

        await visitor.OpenAsync("/cart");
        await visitor.PressAsync("Place order");
        await Expect(visitor.Message).ToContainTextAsync("Thank you.");
        await visitor.OpenAsync("/cart");
        await visitor.Page.Locator("summary").ClickAsync();
        yield return "cart-empty";

        await visitor.OpenAsync("/counter");
        await visitor.PlantCookieAsync(new('A', 43));
        await visitor.PressAsync("Raise by one");
        await Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("That form is out of date");
        yield return "form-out-of-date";
    }
}
