using System.Net;
using static KvSessions.AspNetCore.Tests.Keys;

namespace KvSessions.AspNetCore.Tests;

public sealed class CookieInputTests : IAsyncLifetime
{
    private Site _site = null!;
    private Browser _browser = null!;
    private string _id = null!;

    [Fact]
    public async Task Nothing_is_stored_and_no_cookie_set_until_there_is_something_to_keep()
    {
        using var stranger = _site.Browser();
        foreach (var path in new[] { "/untouched", "/read", "/remove" })
        {
            Assert.Empty((await stranger.GetAsync(path)).Cookies);
        }

        Assert.Empty(_site.Store.Calls);
        Assert.Single((await stranger.GetAsync("/write")).Cookies);
        Assert.Equal([StoreVerb.Create], _site.Store.Awaited);
    }

    [Fact]
    public async Task A_session_is_found_among_other_cookies()
    {
        string[] good =
            [$"session={_id}", $"a=b; session={_id}", $"session={_id};x=y", $"sessions=1; session={_id}; xsession=2", $"a=\"q;q\";   session={_id}  ;"];
        foreach (var cookies in good)
        {
            Assert.Equal("7", (await _browser.SendAsync(HttpMethod.Get, "/read", cookies)).Body);
        }
    }

    [Fact]
    public async Task Anything_else_is_anonymous_and_never_reaches_the_store()
    {
        var other = SessionId.New().Reveal();
        List<string> bad =
        [
            "session", "session=", "session=\"\"", $"session=\"{_id}\"", $"Session={_id}", $"SESSION={_id}", $"__Host-session={_id}", $"session={_id}=",
            $"session={_id}A", $"session={_id[..^1]}", $"session= {_id}", $"session ={_id}", $"session={_id[..20]} {_id[20..]}", $"session={_id[..20]}%{_id[20..]}",
            $"session={_id}; session={_id}", $"session={_id}; session={other}", $"session={other}; session={_id}", $"session=; session={_id}",
            $"session={_id.ToUpperInvariant()}!", $"session={new string('A', 100_000)}", $"session={_id}{new string('A', 100_000)}", $"session={_id}.{_id}",
            "session=../../etc/passwd", "session=' or 1=1 --", "session=%00", ";;;=;==", $"session={_id},session={_id}",
        ];
        bad.AddRange(Spellings(_id).Select(spelling => $"session={spelling}"));

        foreach (var cookies in bad)
        {
            var shown = cookies.Length > 200 ? $"{cookies[..60]}… ({cookies.Length})" : cookies;
            foreach (var path in new[] { "/read", "/untouched" })
            {
                var reply = await _browser.SendAsync(HttpMethod.Get, path, cookies);
                Assert.True(reply.Status == HttpStatusCode.OK && reply.Body != "7" && reply.Cookies.Count == 0, $"{shown}: {reply.Status} {reply.Body}");
            }
        }

        await _site.StopAsync();
        Assert.Empty(_site.Store.Calls);
    }

    [Fact]
    public async Task An_id_that_the_store_does_not_know_is_anonymous_and_never_adopted()
    {
        var planted = SessionId.New().Reveal();

        Assert.Equal("0", (await _browser.SendAsync(HttpMethod.Get, "/read", $"session={planted}")).Body);
        var set = (await _browser.SendAsync(HttpMethod.Get, "/write", $"session={planted}")).Cookie;

        Assert.NotEqual(planted, set.Value.Value);
        Assert.Null(await _site.StoredAsync(planted));
        Assert.Equal(7, (await _site.StoredAsync(set.Value.Value))!.Get(Number));
    }

    [Fact]
    public async Task The_cookie_of_a_session_that_ended_is_left_alone()
    {
        _site.Clock.Advance(TimeSpan.FromDays(30));

        var reply = await _browser.GetAsync("/read");

        Assert.Equal("0", reply.Body);
        Assert.Empty(reply.Cookies);
    }

    [Fact]
    public async Task The_id_is_seen_by_nobody_but_the_client()
    {
        await _browser.GetAsync("/write");
        _site.Clock.Advance(TimeSpan.FromMinutes(5));
        _site.Store.Break();
        await _browser.GetAsync("/read");
        await _browser.GetAsync("/untouched");
        await _site.StopAsync();

        Assert.NotEqual("", _site.Log.All);
        Assert.DoesNotContain(_id, _site.Log.All, StringComparison.Ordinal);
        Assert.True(SessionId.TryParse(_id, out var id));
        Assert.All(_site.Store.Calls, call => Assert.Equal(id.Handle, call.Handle));
        Assert.DoesNotContain(_site.Store.Calls, call => call.Handle?.ToString() == _id);
    }

    public async ValueTask InitializeAsync()
    {
        _site = await Site.StartAsync(app =>
        {
            app.MapGet("/untouched", () => "untouched");
            app.MapGet("/read", async (Session session) => await session.GetAsync(Number));
            app.MapGet("/write", (Session session) => session.Set(Number, 7));
            app.MapGet("/remove", (Session session) => session.Remove(Number));
        });
        _browser = _site.Browser();
        await _browser.GetAsync("/write");
        await _browser.GetAsync("/read");
        _id = _browser.Session!;
        _site.Store.Forget();
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _site.DisposeAsync();
    }

    // The last character carries two bits that belong to no byte.
    private static IEnumerable<string> Spellings(string id)
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        var last = Alphabet.IndexOf(id[^1], StringComparison.Ordinal);
        return Enumerable.Range(1, 3).Select(bits => id[..^1] + Alphabet[last ^ bits]);
    }
}
