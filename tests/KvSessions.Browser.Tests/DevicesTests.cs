using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KvSessions.Browser.Tests;

public sealed class DevicesTests(Chromium chromium) : SiteTest(chromium)
{
    private const string Phone =
        "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36";

    [Fact]
    public async Task A_second_device_appears_in_the_list_of_the_first()
    {
        var (desk, _) = await SignInTwiceAsync();

        await desk.OpenAsync("/devices");

        await Expect(Rows(desk)).ToHaveCountAsync(2);
        await Expect(Rows(desk).First).ToContainTextAsync("Chrome on Linux This device");
        await Expect(Rows(desk).Last).ToContainTextAsync("Chrome on Android");
    }

    [Fact]
    public async Task A_device_that_is_signed_out_from_another_hears_of_it_with_its_next_request()
    {
        var (desk, phone) = await SignInTwiceAsync();
        await desk.OpenAsync("/devices");

        await Rows(desk).Last.GetByRole(AriaRole.Button).ClickAsync();

        await Expect(desk.Message).ToHaveTextAsync("That device is signed out.");
        await Expect(Rows(desk)).ToHaveCountAsync(1);
        await phone.ExpectSignedOutOnNextRequestAsync();
    }

    [Fact]
    public async Task All_others_are_signed_out_and_nobody_else()
    {
        var (desk, phone) = await SignInTwiceAsync();
        var (third, anonymous) = (await NewVisitorAsync(), await NewVisitorAsync());
        await third.SignInAsync();
        await anonymous.FillCartAsync();
        await desk.OpenAsync("/devices");

        await desk.PressAsync("Sign out all 2 others");

        await Expect(desk.Message).ToHaveTextAsync("2 other devices are signed out.");
        await phone.ExpectSignedOutOnNextRequestAsync();
        await third.ExpectSignedOutOnNextRequestAsync();
        await desk.Page.ReloadAsync();
        await desk.ExpectSignedInAsync();
        await anonymous.Page.ReloadAsync();
        await Expect(anonymous.CartLink).ToHaveTextAsync("Cart (1)");
    }

    [Fact]
    public async Task A_form_that_was_open_on_a_device_that_is_signed_out_does_nothing()
    {
        var (desk, phone) = await SignInTwiceAsync();
        await phone.OpenAsync("/");
        await desk.OpenAsync("/devices");
        await desk.PressAsync("Sign out the other device");
        await Expect(desk.Message).ToHaveTextAsync("One other device is signed out.");

        await phone.PressAsync("Add Enamel mug to cart");

        await Expect(phone.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("That form is out of date");
        await phone.ExpectAnonymousAsync();
        await Expect(phone.CartLink).ToHaveTextAsync("Cart");
    }

    private static ILocator Rows(Visitor visitor) => visitor.Page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Listitem);

    private async Task<(Visitor Desk, Visitor Phone)> SignInTwiceAsync()
    {
        var desk = await NewVisitorAsync();
        var phone = await NewVisitorAsync(new() { UserAgent = Phone });
        await desk.SignInAsync();
        await phone.SignInAsync();
        return (desk, phone);
    }
}
