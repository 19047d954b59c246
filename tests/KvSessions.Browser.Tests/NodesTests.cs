using static Microsoft.Playwright.Assertions;

namespace KvSessions.Browser.Tests;

/// <summary>The sample as two nodes on two ports, each with a cache in its memory, on one database that is also their backplane.</summary>
public sealed class NodesTests(Chromium chromium, NodesDatabase database) : IAsyncLifetime
{
    // Without the backplane a node answers from memory for twice as long.
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(5);

    private Site[] _nodes = [];

    public async ValueTask InitializeAsync()
    {
        string[] arguments = ["--store", "postgres", "--connection", database.ConnectionString, "--cache", "memory", "--backplane", "postgres"];
        _nodes = await Task.WhenAll(Site.StartAsync(arguments: arguments), Site.StartAsync(arguments: arguments));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
            TestContext.Current.TestOutputHelper?.WriteLine(node.Output);
        }

        Assert.Empty(_nodes.SelectMany(static node => node.Faults));
    }

    [Fact]
    public async Task Who_is_signed_out_on_one_node_is_signed_out_on_the_other()
    {
        await using var desk = await Visitor.ComeAsync(chromium, _nodes[0].Url);
        await using var phone = await Visitor.ComeAsync(chromium, _nodes[1].Url);
        await desk.SignInAsync();
        await phone.SignInAsync();
        await phone.OpenAsync("/devices");
        await desk.OpenAsync("/devices");

        await desk.PressAsync("Sign out the other device");

        await Expect(desk.Message).ToHaveTextAsync("One other device is signed out.");
        using var deadline = new CancellationTokenSource(AtOnce);
        do
        {
            Assert.False(deadline.IsCancellationRequested, "The other node still answers for a session that was ended.");
            await phone.OpenAsync("/devices");
        }
        while (await phone.Account.GetByText("Ada Lovelace").CountAsync() > 0);

        await phone.ExpectAnonymousAsync();
        Assert.Empty(desk.Faults.Concat(phone.Faults));
    }

    [Fact]
    public async Task A_cart_that_is_filled_on_one_node_is_full_on_the_other()
    {
        await using var visitor = await Visitor.ComeAsync(chromium, _nodes[0].Url);
        await visitor.FillCartAsync();
        await using var same = await Visitor.ComeAsync(chromium, _nodes[1].Url);
        await same.PlantCookieAsync((await visitor.CookieAsync()).Value);
        await same.OpenAsync("/");
        await Expect(same.CartLink).ToHaveTextAsync("Cart (1)");

        await visitor.FillCartAsync();

        await Expect(visitor.CartLink).ToHaveTextAsync("Cart (2)");
        using var deadline = new CancellationTokenSource(AtOnce);
        do
        {
            Assert.False(deadline.IsCancellationRequested, "The other node still shows what was in the cart before.");
            await same.OpenAsync("/");
        }
        while (await same.CartLink.TextContentAsync() != "Cart (2)");
    }
}
