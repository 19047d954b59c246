using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace KvSessions.Browser.Tests;

public sealed class CounterTests(Chromium chromium) : SiteTest(chromium)
{
    [Fact]
    public async Task Two_tabs_that_raise_at_once_lose_no_click()
    {
        const int Rounds = 5;
        var visitor = await NewVisitorAsync();
        await visitor.OpenAsync("/counter");
        var second = await visitor.OpenTabAsync();
        await second.GotoAsync("/counter");

        for (var round = 0; round < Rounds; round++)
        {
            await Task.WhenAll(RaiseAsync(visitor.Page), RaiseAsync(second));
        }

        await visitor.Page.ReloadAsync();
        await Expect(visitor.Count).ToHaveTextAsync($"{2 * Rounds}");

        // Waits for what the tab shows and not for the response, behind which a next click might still go to the page of before.
        static async Task RaiseAsync(IPage tab)
        {
            var count = tab.Locator("main output");
            var before = await count.TextContentAsync();
            await tab.GetByRole(AriaRole.Button, new() { Name = "Raise by one" }).ClickAsync();
            await Expect(count).Not.ToHaveTextAsync(before!);
        }
    }

    [Fact]
    public async Task Two_tabs_that_begin_at_once_have_one_session_and_both_may_send_their_forms()
    {
        var visitor = await NewVisitorAsync();
        await visitor.OpenAsync("/");
        var second = await visitor.OpenTabAsync();
        await Task.WhenAll(visitor.OpenAsync("/counter"), second.GotoAsync("/counter"));

        await visitor.PressAsync("Raise by one");
        await Expect(visitor.Count).ToHaveTextAsync("1");
        await second.GetByRole(AriaRole.Button, new() { Name = "Raise by one" }).ClickAsync();

        await Expect(second.Locator("main output")).ToHaveTextAsync("2");
    }

    [Fact]
    public async Task Twenty_clicks_at_once_are_twenty()
    {
        var visitor = await NewVisitorAsync();
        await visitor.OpenAsync("/counter");
        var raise = await visitor.PrepareFormAsync("/counter");

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => raise()));

        Assert.All(answers, static answer => Assert.Equal(302, answer.Status));
        await visitor.OpenAsync("/counter");
        await Expect(visitor.Count).ToHaveTextAsync("20");
    }
}
