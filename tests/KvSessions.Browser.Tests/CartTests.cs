using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KvSessions.Browser.Tests;

public sealed class CartTests(Chromium chromium) : SiteTest(chromium)
{
    [Fact]
    public async Task A_cart_is_filled_without_signing_in_and_belongs_to_one_visitor()
    {
        var visitor = await NewVisitorAsync();
        var other = await NewVisitorAsync();

        await visitor.FillCartAsync("Enamel mug");
        await visitor.FillCartAsync("Brass pencil");
        await visitor.OpenAsync("/cart");
        await other.OpenAsync("/cart");

        await Expect(visitor.CartLink).ToHaveTextAsync("Cart (2)");
        await Expect(visitor.Page.GetByText("Total € 23.00")).ToBeVisibleAsync();
        await Expect(other.CartLink).ToHaveTextAsync("Cart");
    }

    [Fact]
    public async Task A_message_is_shown_once()
    {
        var visitor = await NewVisitorAsync();
        await visitor.FillCartAsync();

        await visitor.Page.ReloadAsync();

        await Expect(visitor.Message).ToBeEmptyAsync();
        await Expect(visitor.CartLink).ToHaveTextAsync("Cart (1)");
    }

    [Fact]
    public async Task A_double_click_on_a_button_breaks_nothing()
    {
        var visitor = await NewVisitorAsync();
        await visitor.OpenAsync("/");

        await visitor.Button("Add Enamel mug to cart").DblClickAsync();

        // The browser may take back the first of two submissions, so one or two have come.
        await Expect(visitor.CartLink).ToHaveTextAsync(new Regex(@"^Cart \([12]\)$"));

        // Not by opening the page again, which a submission that is still under way would interrupt.
        await visitor.PressAsync("Add Enamel mug to cart");
        await Expect(visitor.CartLink).ToHaveTextAsync(new Regex(@"^Cart \([23]\)$"));
    }

    [Fact]
    public async Task Forms_that_are_sent_at_once_are_all_done()
    {
        var visitor = await NewVisitorAsync();
        await visitor.OpenAsync("/");
        var addMug = await visitor.PrepareFormAsync("/cart/add", ("thing", "mug"));
        var addLamp = await visitor.PrepareFormAsync("/cart/add", ("thing", "lamp"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).SelectMany(_ => (Task<IAPIResponse>[])[addMug(), addLamp()]));

        Assert.All(answers, static answer => Assert.Equal(302, answer.Status));
        await visitor.OpenAsync("/cart");
        await Expect(visitor.CartLink).ToHaveTextAsync("Cart (12)");
        await Expect(visitor.Page.GetByText("Quantity: 6")).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task An_order_that_is_sent_twice_is_placed_once()
    {
        var visitor = await NewVisitorAsync();
        await visitor.SignInAsync();
        await visitor.FillCartAsync();
        await visitor.OpenAsync("/cart");
        var order = await visitor.PrepareFormAsync("/cart/order");

        var answers = await Task.WhenAll(order(), order());

        // Where it leads to tells which of them has got the cart.
        Assert.Equal(["/", "/cart"], answers.Select(static answer => answer.Headers["location"]).Order());
        await visitor.OpenAsync("/");
        await Expect(visitor.Message).ToHaveTextAsync("Thank you. Your order of € 14.00 is on its way.");
        await Expect(visitor.CartLink).ToHaveTextAsync("Cart");
    }
}
