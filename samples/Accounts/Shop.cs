using System.Globalization;
using KvSessions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Accounts;

/// <summary>A few things, and a cart to put them into, signed in or not.</summary>
internal static class Shop
{
    public static void MapShop(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/", ShowAsync);
        pages.MapPost("/cart/add", AddAsync);
        pages.MapGet("/cart", ShowCartAsync);
        pages.MapPost("/cart/change", ChangeAsync);
        pages.MapPost("/cart/order", OrderAsync);
    }

    private static async Task<Page> ShowAsync(Session session)
    {
        var field = await FormToken.FieldAsync(session);
        return await Page.CreateAsync(
            session,
            "Shop",
            $"""
            <h1>A few good things</h1>
            <p class="lead">Fill your cart first and sign in later: it comes along.</p>
            <ul class="things">
              {Thing.All.Select(thing => Card(thing, field))}
            </ul>
            """,
            path: "/");
    }

    private static async Task<RedirectHttpResult> AddAsync(Session session, [FromForm] string? thing)
    {
        if (Thing.Find(thing) is { } found)
        {
            session.Set(Message.Key, new Message($"{found.Name}: added to your cart."));
            await session.UpdateAsync(Cart.Key, cart => (cart ?? Cart.Empty).With(found, 1));
        }

        return TypedResults.Redirect("/");
    }

    private static async Task<Page> ShowCartAsync(Session session)
    {
        var cart = await session.GetAsync(Cart.Key) ?? Cart.Empty;
        var content = cart.Count == 0 ? EmptyCart() : FullCart(cart, await FormToken.FieldAsync(session));
        return await Page.CreateAsync(session, "Cart", content, path: "/cart");
    }

    private static async Task<RedirectHttpResult> ChangeAsync(Session session, [FromForm] string? thing, [FromForm] int more)
    {
        if (Thing.Find(thing) is { } found)
        {
            // Says how many more and not how many, so that two tabs do not undo each other's clicks.
            await session.UpdateAsync(Cart.Key, cart => (cart ?? Cart.Empty).With(found, more));
        }

        return TypedResults.Redirect("/cart");
    }

    private static async Task<RedirectHttpResult> OrderAsync(Session session)
    {
        if (await session.GetSubjectAsync() is null)
        {
            return SignIn.First(session, "Sign in to place your order.", "/cart");
        }

        // Of two clicks on the button, one gets the cart: nothing is ordered twice.
        if (await session.PopAsync(Cart.Key) is not { Count: > 0 } cart)
        {
            return TypedResults.Redirect("/cart");
        }

        session.Set(Message.Key, new Message($"Thank you. Your order of {Price(cart.Total)} is on its way."));
        return TypedResults.Redirect("/");
    }

    private static Html Card(Thing thing, Html field) =>
        $"""
        <li class="card thing">
          <div class="drawing">{thing.Drawing}</div>
          <h2>{thing.Name}</h2>
          <p class="hint">{thing.About}</p>
          <form method="post" action="/cart/add">
            {field}
            <span class="price">{Price(thing.Price)}</span>
            <button name="thing" value="{thing.Id}">Add<span class="hidden"> {thing.Name}</span> to cart</button>
          </form>
        </li>
        """;

    private static Html EmptyCart() =>
        $"""
        <div class="narrow center">
          <h1>Your cart is empty</h1>
          <p class="lead">There is room for a mug, at least.</p>
          <p><a class="button" href="/">To the shop</a></p>
        </div>
        """;

    private static Html FullCart(Cart cart, Html field) =>
        $"""
        <h1>Your cart</h1>
        <ul class="rows">
          {cart.Lines.Select(line => Row(line.Thing, line.Quantity, field))}
        </ul>
        <form class="total" method="post" action="/cart/order">
          {field}
          <p>Total <strong class="price">{Price(cart.Total)}</strong></p>
          <button>Place order</button>
        </form>
        """;

    private static Html Row(Thing thing, int quantity, Html field) =>
        $"""
        <li class="card row">
          <div class="drawing">{thing.Drawing}</div>
          <div>
            <h2>{thing.Name}</h2>
            <p class="hint">{Price(thing.Price)} each</p>
          </div>
          <form class="quantity" method="post" action="/cart/change">
            {field}
            <input type="hidden" name="thing" value="{thing.Id}">
            <button class="quiet" name="more" value="-1" aria-label="One {thing.Name} less">−</button>
            <span><span class="hidden">Quantity: </span>{quantity}</span>
            <button class="quiet" name="more" value="1" aria-label="One more {thing.Name}">+</button>
          </form>
          <p class="price">{Price(thing.Price * quantity)}</p>
        </li>
        """;

    private static string Price(decimal amount) => string.Create(CultureInfo.InvariantCulture, $"€ {amount:0.00}");
}
