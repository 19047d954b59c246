namespace Accounts;

/// <summary>Something to buy.</summary>
internal sealed record Thing(string Id, string Name, string About, decimal Price, Html Drawing)
{
    public static readonly IReadOnlyList<Thing> All =
    [
        new("mug", "Enamel mug", "Chips, and is better for it.", 14, Draw($"""
            <path d="M16 20h26v26a6 6 0 0 1-6 6H22a6 6 0 0 1-6-6z"/><path d="M42 26h4a6 6 0 0 1 6 6v2a6 6 0 0 1-6 6h-4M16 27h26"/><path d="M24 13c-2-2 2-4 0-6M33 13c-2-2 2-4 0-6"/>
            """)),
        new("notebook", "Linen notebook", "Lies flat. Ninety-six pages, dotted.", 18, Draw($"""
            <rect x="14" y="10" width="36" height="44" rx="3"/><path d="M21 10v44M43 10v44"/><path d="M27 22h10M27 28h6"/>
            """)),
        new("pencil", "Brass pencil", "Heavier than it looks.", 9, Draw($"""
            <path d="M12 52l3-11 27-27a4 4 0 0 1 6 0l2 2a4 4 0 0 1 0 6L23 49z"/><path d="M38 18l8 8M15 41l8 8"/>
            """)),
        new("candle", "Beeswax candle", "Smells of late summer.", 16, Draw($"""
            <path d="M24 28h16v22H24z"/><path d="M16 50h32M32 28v-5M32 23c-4-3-4-7 0-13 4 6 4 10 0 13z"/><path d="M30 28v8"/>
            """)),
        new("lamp", "Desk lamp", "One good light for one good book.", 68, Draw($"""
            <path d="M24 12h16l8 20H16zM32 32v20M22 52h20M40 32v7"/>
            """)),
        new("fern", "Potted fern", "Asks for little. Thrives on neglect.", 24, Draw($"""
            <path d="M20 40h24l-3 14H23zM32 40V14"/><path d="M32 34c-10 0-14-6-15-12 8 0 14 4 15 12zM32 34c10 0 14-6 15-12-8 0-14 4-15 12zM32 24c-6-2-8-7-8-13 6 2 8 7 8 13zM32 24c6-2 8-7 8-13-6 2-8 7-8 13z"/>
            """)),
    ];

    public static Thing? Find(string? id) => All.FirstOrDefault(thing => thing.Id == id);

    private static Html Draw(Html strokes) => $"""<svg viewBox="0 0 64 64" aria-hidden="true" focusable="false">{strokes}</svg>""";
}
