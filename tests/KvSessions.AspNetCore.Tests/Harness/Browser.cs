using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace KvSessions.AspNetCore.Tests;

/// <summary>A client that keeps cookies by name and follows no redirect unless it is told to.</summary>
internal sealed class Browser : IDisposable
{
    private readonly HttpClient _http;

    [SuppressMessage("Security", "CA5359", Justification = "The certificate is one that the test made, for the server that it started.")]
    public Browser(Uri address) =>
        _http = new HttpClient(new SocketsHttpHandler
        {
            UseCookies = false,
            AllowAutoRedirect = false,
            SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == Site.CertificateHash },
        })
        {
            BaseAddress = address,
            Timeout = TimeSpan.FromSeconds(30),
        };

    public Dictionary<string, string> Cookies { get; } = [];

    /// <summary>The value of the session's cookie, under whichever of its names.</summary>
    public string? Session => Cookies.GetValueOrDefault("session") ?? Cookies.GetValueOrDefault("__Host-session") ?? Cookies.GetValueOrDefault("__Secure-session");

    public Task<Reply> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Reply> PostAsync(string path) => SendAsync(HttpMethod.Post, path);

    public async Task<Reply> SendAsync(HttpMethod method, string path, string? rawCookies = null, Version? version = null)
    {
        using var response = await SendHeadersAsync(method, path, rawCookies, version);
        return new Reply(response, await Reply.ReadAsync(response));
    }

    /// <summary>Sends a request and comes back with the headers; the body is still on its way.</summary>
    public async Task<HttpResponseMessage> SendHeadersAsync(HttpMethod method, string path, string? rawCookies = null, Version? version = null)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Version = version ?? HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.AcceptEncoding.Add(new("gzip"));
        var cookies = rawCookies ?? string.Join("; ", Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}"));
        if (cookies.Length > 0)
        {
            request.Headers.TryAddWithoutValidation("Cookie", cookies);
        }

        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        foreach (var cookie in Reply.ParseCookies(response))
        {
            if (cookie.MaxAge <= TimeSpan.Zero || cookie.Expires < DateTimeOffset.UnixEpoch.AddDays(1))
            {
                Cookies.Remove(cookie.Name.Value!);
            }
            else
            {
                Cookies[cookie.Name.Value!] = cookie.Value.Value!;
            }
        }

        return response;
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>What a client got.</summary>
internal sealed class Reply(HttpResponseMessage response, string body)
{
    public HttpStatusCode Status { get; } = response.StatusCode;

    public string Body { get; } = body;

    public string? ContentType { get; } = response.Content.Headers.ContentType?.MediaType;

    public Uri? Location { get; } = response.Headers.Location;

    public string CacheControl { get; } = response.Headers.TryGetValues("Cache-Control", out var values) ? string.Join(", ", values) : "";

    public IReadOnlyList<string> Vary { get; } = [.. response.Headers.Vary];

    public IReadOnlyList<SetCookieHeaderValue> Cookies { get; } = [.. ParseCookies(response)];

    public SetCookieHeaderValue Cookie => Assert.Single(Cookies);

    public static IList<SetCookieHeaderValue> ParseCookies(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Set-Cookie", out var values) ? SetCookieHeaderValue.ParseStrictList([.. values]) : [];

    /// <summary>Reads a body, which, if it is compressed, has to be whole: its last four bytes are its length (RFC 1952).</summary>
    public static async Task<string> ReadAsync(HttpResponseMessage response)
    {
        var bytes = await response.Content.ReadAsByteArrayAsync();
        if (response.Content.Headers.ContentEncoding.Contains("gzip"))
        {
            using var plain = new MemoryStream();
            await new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress).CopyToAsync(plain);
            Assert.Equal((int)plain.Length, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(bytes.Length - 4)));
            bytes = plain.ToArray();
        }

        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>That the session failed, and that nothing else is to be seen.</summary>
    public void AssertProblem(HttpStatusCode status)
    {
        Assert.Equal(status, Status);
        Assert.Equal("application/problem+json", ContentType);
        Assert.Empty(Cookies);
        using var json = System.Text.Json.JsonDocument.Parse(Body);
        Assert.Equal((int)status, json.RootElement.GetProperty("status").GetInt32());
        Assert.DoesNotContain("planted", Body, StringComparison.Ordinal);
    }
}
