using System.Text.Json.Serialization;
using KvSessions;

namespace Accounts;

/// <summary>How many of which thing somebody wants.</summary>
internal sealed record Cart(IReadOnlyDictionary<string, int> Quantities)
{
    public static readonly SessionKey<Cart> Key = new("cart", Stored.Default.Cart);

    public static readonly Cart Empty = new(new Dictionary<string, int>());

    private const int MostOfOne = 99;

    [JsonIgnore]
    public int Count => Quantities.Values.Sum();

    // A thing that is sold no more may still be in a cart.
    [JsonIgnore]
    public IEnumerable<(Thing Thing, int Quantity)> Lines =>
        Thing.All.Where(thing => Quantities.ContainsKey(thing.Id)).Select(thing => (thing, Quantities[thing.Id]));

    [JsonIgnore]
    public decimal Total => Lines.Sum(line => line.Thing.Price * line.Quantity);

    public Cart With(Thing thing, int more)
    {
        var quantity = (int)Math.Clamp((long)Quantities.GetValueOrDefault(thing.Id) + more, 0, MostOfOne);
        var quantities = new Dictionary<string, int>(Quantities) { [thing.Id] = quantity };
        if (quantity == 0)
        {
            quantities.Remove(thing.Id);
        }

        return new Cart(quantities);
    }
}
