using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace KvSessions.Browser.Tests;

/// <summary>Somebody at a browser of their own, and what they do on the site. Scripts are off, for the site must work without.</summary>
public sealed class Visitor : IAsyncDisposable
{
    private const string Password = "first-programme";

    private readonly IBrowserContext _browser;
    private readonly ConcurrentQueue<string> _faults = new();

    private readonly string _url;

    private Visitor(IBrowserContext browser, IPage page, string url) => (_browser, Page, _url) = (browser, page, url);

    public IPage Page { get; }

    /// <summary>Answers of the site that no visitor should ever get.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    public ILocator CartLink => Page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link, new() { NameRegex = new("^Cart") });

    public ILocator Account => Page.Locator(".account");

    public ILocator Message => Page.GetByRole(AriaRole.Status);

    public ILocator Count => Page.GetByRole(AriaRole.Main).Locator("output");

    public static async Task<Visitor> ComeAsync(Chromium chromium, string url, BrowserNewContextOptions? options = null)
    {
        options ??= new();
        options.BaseURL = url;
        options.JavaScriptEnabled = false;
        options.IgnoreHTTPSErrors = true;
        var browser = await chromium.NewContextAsync(options);
        var visitor = new Visitor(browser, await browser.NewPageAsync(), url);
        browser.Response += (_, response) =>
        {
            if (response.Status >= 500)
            {
                visitor._faults.Enqueue($"{response.Status} {response.Url}");
            }
        };
        return visitor;
    }

    public Task<IPage> OpenTabAsync() => _browser.NewPageAsync();

    public Task<IResponse?> OpenAsync(string path) => Page.GotoAsync(path);

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public Task PressAsync(string button) => Button(button).ClickAsync();

    public async Task FillCartAsync(string thing = "Enamel mug")
    {
        await OpenAsync("/");
        await PressAsync($"Add {thing} to cart");
        await Assertions.Expect(Message).ToHaveTextAsync($"{thing}: added to your cart.");
    }

    public async Task FillInSignInAsync(bool remember = false)
    {
        await OpenAsync("/sign-in");
        await Page.GetByLabel("Name").FillAsync("ada");
        await Page.GetByLabel("Password").FillAsync(Password);
        await Page.GetByLabel("Remember me").SetCheckedAsync(remember);
    }

    public async Task SignInAsync(bool remember = false)
    {
        await FillInSignInAsync(remember);
        await PressAsync("Sign in");
        await ExpectSignedInAsync();
    }

    public async Task SignOutAsync()
    {
        await Account.GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(Message).ToHaveTextAsync("You are signed out.");
    }

    public Task ExpectSignedInAsync() => Assertions.Expect(Account).ToContainTextAsync("Ada Lovelace");

    public async Task ExpectAnonymousAsync()
    {
        await Assertions.Expect(Account.GetByRole(AriaRole.Link, new() { Name = "Sign in" })).ToBeVisibleAsync();
        Assert.DoesNotContain("Ada", await Page.ContentAsync());
    }

    public async Task ExpectSignedOutOnNextRequestAsync()
    {
        await OpenAsync("/devices");
        await Assertions.Expect(Message).ToHaveTextAsync("Sign in to see your devices.");
        await ExpectAnonymousAsync();
    }

    public async Task<BrowserContextCookiesResult> CookieAsync() => Assert.Single(await _browser.CookiesAsync());

    public async Task<IReadOnlyList<BrowserContextCookiesResult>> CookiesAsync() => await _browser.CookiesAsync();

    /// <summary>Has the browser send an id that it did not get from the site.</summary>
    public async Task PlantCookieAsync(string value)
    {
        await _browser.ClearCookiesAsync();
        await _browser.AddCookiesAsync([new() { Name = "session", Value = value, Url = _url }]);
    }

    /// <summary>A form to send as often as wanted, with the token of the page that is open now.</summary>
    public async Task<Func<Task<IAPIResponse>>> PrepareFormAsync(string path, params (string Name, string Value)[] fields)
    {
        var form = _browser.APIRequest.CreateFormData();
        form.Set("token", await Page.Locator("main input[name=token]").First.InputValueAsync());
        foreach (var (name, value) in fields)
        {
            form.Set(name, value);
        }

        return () => _browser.APIRequest.PostAsync(path, new() { Form = form, MaxRedirects = 0 });
    }

    public async ValueTask DisposeAsync() => await _browser.DisposeAsync();
}
