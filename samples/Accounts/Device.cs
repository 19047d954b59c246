using KvSessions;

namespace Accounts;

/// <summary>What somebody signed in with, as far as the browser says.</summary>
internal sealed record Device(string Name)
{
    public static readonly SessionKey<Device> Key = new("device", Stored.Default.Device);

    public static readonly Device Unknown = new("Unknown device");

    // The first that fits: browsers claim to be their ancestors as well.
    private static readonly (string Mark, string Name)[] Browsers =
    [
        ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl"),
    ];

    private static readonly (string Mark, string Name)[] Systems =
    [
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
        ("Mac OS X", "macOS"), ("Linux", "Linux"),
    ];

    public static Device Of(string userAgent) =>
        (NameIn(userAgent, Browsers), NameIn(userAgent, Systems)) switch
        {
            ({ } browser, { } system) => new($"{browser} on {system}"),
            ({ } browser, null) => new(browser),
            (null, { } system) => new($"A browser on {system}"),
            _ => Unknown,
        };

    private static string? NameIn(string userAgent, (string Mark, string Name)[] names) =>
        names.FirstOrDefault(name => userAgent.Contains(name.Mark, StringComparison.Ordinal)).Name;
}
