using Microsoft.Extensions.Options;

namespace KvSessions.AspNetCore.Tests;

public sealed class CookieOptionsTests
{
    public static TheoryData<string> Good => [.. GoodOptions.Keys];

    public static TheoryData<string> Bad => [.. BadOptions.Keys];

    private static readonly Dictionary<string, Action<SessionCookieOptions>> GoodOptions = new()
    {
        ["the defaults"] = _ => { },
        ["a name of all that is allowed"] = o => o.Name = "aZ0-_.",
        ["a name of one character"] = o => o.Name = "s",
        ["a name that begins with one underscore"] = o => o.Name = "_session",
        ["a path"] = o => o.Path = "/shop/cart",
        ["a path with an escape"] = o => o.Path = "/caf%C3%A9",
        ["a domain"] = o => o.Domain = "shop-1.example.org",
        ["SameSite None with Secure"] = o => (o.SameSite, o.SecurePolicy) = (SameSiteMode.None, CookieSecurePolicy.Always),
        ["Secure without SameSite None"] = o => o.SecurePolicy = CookieSecurePolicy.Always,
        ["secrets of 32 characters"] = o => AddSecrets(o, new string('s', 32), new string('t', 33)),
    };

    private static readonly Dictionary<string, (string Says, Action<SessionCookieOptions> Configure)> BadOptions = new()
    {
        ["no name"] = ("Name is ''", o => o.Name = ""),
        ["a null name"] = ("Name is ''", o => o.Name = null!),
        ["a name with a prefix"] = ("Name is '__Host-session'", o => o.Name = "__Host-session"),
        ["a name with a space"] = ("Name is 'my session'", o => o.Name = "my session"),
        ["a name with an equals sign"] = ("Name is 'a=b'", o => o.Name = "a=b"),
        ["a name of other letters"] = ("Name is 'é'", o => o.Name = "é"),
        ["no path"] = ("Path is ''", o => o.Path = ""),
        ["a null path"] = ("Path is ''", o => o.Path = null!),
        ["a relative path"] = ("Path is 'shop'", o => o.Path = "shop"),
        ["a path with an attribute"] = ("Path is '/;Secure'", o => o.Path = "/;Secure"),
        ["a path with a line break"] = ("Path is '/\n'", o => o.Path = "/\n"),
        ["a path of other letters"] = ("Path is '/café'", o => o.Path = "/café"),
        ["an empty domain"] = ("Domain is ''", o => o.Domain = ""),
        ["a domain with a port"] = ("Domain is 'example.org:80'", o => o.Domain = "example.org:80"),
        ["SameSite None by request"] = ("SameSite is None", o => o.SameSite = SameSiteMode.None),
        ["SameSite None without Secure"] = ("SameSite is None", o => (o.SameSite, o.SecurePolicy) = (SameSiteMode.None, CookieSecurePolicy.None)),
        ["a SameSite that is none"] = ("SameSite is 42", o => o.SameSite = (SameSiteMode)42),
        ["a SecurePolicy that is none"] = ("SecurePolicy is 42", o => o.SecurePolicy = (CookieSecurePolicy)42),
        ["a secret of 31 characters"] = ("Secrets[1] is shorter than 32", o => AddSecrets(o, new string('s', 32), new string('t', 31))),
        ["a null secret"] = ("Secrets[0] is shorter than 32", o => o.Secrets.Add(null!)),
    };

    [Theory]
    [MemberData(nameof(Good))]
    public void What_makes_a_sound_cookie_is_accepted(string options) => Assert.True(Validate(GoodOptions[options]).Succeeded);

    [Theory]
    [MemberData(nameof(Bad))]
    public void What_makes_no_sound_cookie_is_refused_with_the_name_of_the_option(string options)
    {
        var (says, configure) = BadOptions[options];

        Assert.Contains(says, Assert.Single(Validate(configure).Failures!), StringComparison.Ordinal);
    }

    private static ValidateOptionsResult Validate(Action<SessionCookieOptions> configure)
    {
        var options = new SessionCookieOptions();
        configure(options);
        return new SessionCookieOptionsValidator().Validate(null, options);
    }

    private static void AddSecrets(SessionCookieOptions options, params string[] secrets) => Array.ForEach(secrets, options.Secrets.Add);
}
