using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Autofac;
using KvSessions.Stores.Memory;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace KvSessions.AspNetCore.Tests;

/// <summary>A web application on a port of this machine, over a counting store, on a clock that stands still until it is moved.</summary>
internal sealed class Site : IAsyncDisposable
{
    private static readonly Lazy<X509Certificate2> Certificate = new(MakeCertificate);

    private readonly WebApplication _app;

    private Site(WebApplication app, FakeTimeProvider clock, CountingStore store, LogLines log) =>
        (_app, Clock, Store, Log) = (app, clock, store, log);

    /// <summary>What a client has to know to trust this machine.</summary>
    public static string CertificateHash => Certificate.Value.Thumbprint;

    public FakeTimeProvider Clock { get; }

    public CountingStore Store { get; }

    public LogLines Log { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>The request that is being handled, to be asked by what the store is made to do.</summary>
    public HttpContext? Current { get; private set; }

    /// <summary>Starts a site whose endpoints <paramref name="map"/> maps.</summary>
    public static async Task<Site> StartAsync(Action<WebApplication> map, SiteOptions? options = null)
    {
        options ??= new SiteOptions();
        var clock = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var store = new CountingStore(new MemoryStore(timeProvider: clock));
        var log = new LogLines();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddProvider(log).SetMinimumLevel(LogLevel.Information).AddFilter("KvSessions", LogLevel.Debug);
        builder.Services.AddRouting();
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddKvSessions(o =>
        {
            o.SweepInterval = null;
            options.Sessions(o);
        }).ConfigureCookie(options.Cookie).AddStore<ISessionStore>(_ => store);
        options.Services(builder.Services);
        if (options.Container is not null)
        {
            builder.Host.UseServiceProviderFactory(options.Container);
        }

        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestHeadersTotalSize = 1 << 20;
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                if (options.IsHttps)
                {
                    listen.UseHttps(Certificate.Value);
                }

                listen.Protocols = options.IsHttp2 ? HttpProtocols.Http2 : HttpProtocols.Http1;
            });
        });
        var app = builder.Build();
        var site = new Site(app, clock, store, log);
        app.Use((context, next) =>
        {
            site.Current = context;
            return next(context);
        });
        options.Outside(app);
        app.UseKvSessions();
        options.Inside(app);
        map(app);
        await app.StartAsync();
        return site;
    }

    public Browser Browser() =>
        new(new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()));

    /// <summary>What is stored under the id of a cookie, asked past the counting.</summary>
    public async Task<SessionRecord?> StoredAsync(string? cookie) =>
        SessionId.TryParse(cookie, out var id) ? await Store.Inner.LoadAsync(id.Handle) : null;

    /// <summary>Ends the site; then all that it did in the background is done.</summary>
    public Task StopAsync() => _app.StopAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2060, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }
}

/// <summary>How a site differs from the plainest one.</summary>
internal sealed class SiteOptions
{
    public Action<KvSessionsOptions> Sessions { get; init; } = static _ => { };

    public Action<SessionCookieOptions> Cookie { get; init; } = static _ => { };

    public Action<IServiceCollection> Services { get; init; } = static _ => { };

    /// <summary>What makes the container, if it is not the framework's own.</summary>
    public IServiceProviderFactory<ContainerBuilder>? Container { get; init; }

    /// <summary>Middleware that surrounds the sessions.</summary>
    public Action<WebApplication> Outside { get; init; } = static _ => { };

    /// <summary>Middleware between the sessions and the endpoints.</summary>
    public Action<WebApplication> Inside { get; init; } = static _ => { };

    public bool IsHttps { get; init; }

    public bool IsHttp2 { get; init; }
}
