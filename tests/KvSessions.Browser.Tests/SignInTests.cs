using static Microsoft.Playwright.Assertions;

namespace KvSessions.Browser.Tests;

public sealed class SignInTests(Chromium chromium) : SiteTest(chromium)
{
    [Fact]
    public async Task Signing_in_keeps_the_cart_under_a_new_id_and_the_old_id_is_worth_nothing()
    {
        var (visitor, thief) = (await NewVisitorAsync(), await NewVisitorAsync());
        await visitor.FillCartAsync();
        var before = (await visitor.CookieAsync()).Value;

        await visitor.SignInAsync();
        await thief.PlantCookieAsync(before);
        await thief.OpenAsync("/");

        await Expect(visitor.CartLink).ToHaveTextAsync("Cart (1)");
        Assert.NotEqual(before, (await visitor.CookieAsync()).Value);
        await thief.ExpectAnonymousAsync();
        await Expect(thief.CartLink).ToHaveTextAsync("Cart");
        Assert.NotEqual(before, (await thief.CookieAsync()).Value);
    }

    [Fact]
    public async Task An_id_from_before_the_sign_out_is_worth_nothing_after_it()
    {
        var (visitor, thief) = (await NewVisitorAsync(), await NewVisitorAsync());
        await visitor.SignInAsync();
        var before = (await visitor.CookieAsync()).Value;
        await visitor.SignOutAsync();

        await thief.PlantCookieAsync(before);

        await thief.ExpectSignedOutOnNextRequestAsync();
        Assert.NotEqual(before, (await visitor.CookieAsync()).Value);
    }

    [Fact]
    public async Task Whoever_must_sign_in_first_comes_back_to_where_they_were()
    {
        var visitor = await NewVisitorAsync();
        await visitor.FillCartAsync();
        await visitor.OpenAsync("/cart");
        await visitor.PressAsync("Place order");
        await Expect(visitor.Message).ToHaveTextAsync("Sign in to place your order.");
        await visitor.Page.GetByLabel("Name").FillAsync("grace");
        await visitor.Page.GetByLabel("Password").FillAsync("nanosecond");

        await visitor.PressAsync("Sign in");

        await Expect(visitor.Page).ToHaveURLAsync($"{Site.Url}/cart");
        await Expect(visitor.Account).ToContainTextAsync("Grace Hopper");
    }

    [Fact]
    public async Task A_form_from_before_the_sign_in_is_refused_and_nothing_is_done()
    {
        var visitor = await NewVisitorAsync();
        await visitor.OpenAsync("/");
        var stale = await visitor.PrepareFormAsync("/cart/add", ("thing", "mug"));
        await visitor.SignInAsync();

        var answer = await stale();

        Assert.Equal(400, answer.Status);
        await visitor.OpenAsync("/");
        await visitor.ExpectSignedInAsync();
        await Expect(visitor.CartLink).ToHaveTextAsync("Cart");
    }

    [Fact]
    public async Task Signing_in_twice_at_once_leaves_the_visitor_signed_in()
    {
        var visitor = await NewVisitorAsync();
        await visitor.FillInSignInAsync();
        var send = await visitor.PrepareFormAsync("/sign-in", ("name", "ada"), ("password", "first-programme"));

        var answers = await Task.WhenAll(send(), send());

        Assert.Contains(answers, static answer => answer.Status == 302);
        await visitor.OpenAsync("/");
        await visitor.ExpectSignedInAsync();
    }
}
