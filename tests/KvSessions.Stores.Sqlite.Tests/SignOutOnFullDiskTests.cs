using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace KvSessions.Stores.Sqlite.Tests;

/// <summary>A site whose sessions are on a disk that is full: a sign-out that could not be stored must not look like one.</summary>
public sealed class SignOutOnFullDiskTests : IAsyncLifetime
{
    private static readonly SessionKey<string> Text = new("text");

    private readonly SmallDisk _disk = SmallDisk.Mount(megabytes: 3);
    private WebApplication _site = null!;
    private HttpClient _client = null!;

    [Theory]
    [InlineData("/sign-out")]
    [InlineData("/delete")]
    public async Task A_sign_out_that_cannot_be_stored_is_503_and_the_session_stays_until_there_is_room(string path)
    {
        using var signIn = await SendAsync("/sign-in");
        var cookie = Assert.Single(signIn.Headers.GetValues("Set-Cookie")).Split(';')[0];
        _disk.Fill();
        await UseUpTheLogAsync(cookie);

        using (var refused = await SendAsync(path, cookie))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
            using var problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync());
            Assert.Equal("The session store is not available.", problem.RootElement.GetProperty("detail").GetString());
            Assert.False(refused.Headers.Contains("Set-Cookie"));
        }

        Assert.Equal("anna", await ReadAsync(cookie));

        _disk.MakeRoom();
        using (var done = await SendAsync(path, cookie))
        {
            Assert.Equal(HttpStatusCode.OK, done.StatusCode);
            Assert.StartsWith("session=;", Assert.Single(done.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
        }

        Assert.Equal("nobody", await ReadAsync(cookie));
    }

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRouting();
        builder.Services.AddKvSessions().AddSqliteStore(Path.Combine(_disk.Directory, "sessions.db")).MigrateOnStartup();
        _site = builder.Build();
        _site.UseKvSessions();
        _site.MapGet("/sign-in", static async (Session session) => await session.SignInAsync("anna"));
        _site.MapGet("/read", static async (Session session) => await session.GetSubjectAsync() ?? "nobody");
        _site.MapGet("/write", static (Session session) => session.Set(Text, new string('x', 2_000)));
        _site.MapGet("/sign-out", static async (Session session) => await session.SignOutAsync());
        _site.MapGet("/delete", static async (Session session) => await session.DeleteAsync());
        await _site.StartAsync();
        var address = _site.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        _client = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(address) };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _site.DisposeAsync();
        _disk.Dispose();
    }

    private async Task UseUpTheLogAsync(string cookie)
    {
        for (var write = 0; write < 1_000; write++)
        {
            using var reply = await SendAsync("/write", cookie);
            if (reply.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                return;
            }
        }

        Assert.Fail("The disk is not full.");
    }

    private async Task<string> ReadAsync(string cookie)
    {
        using var reply = await SendAsync("/read", cookie);
        return await reply.Content.ReadAsStringAsync();
    }

    private Task<HttpResponseMessage> SendAsync(string path, string? cookie = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        return _client.SendAsync(request);
    }
}
