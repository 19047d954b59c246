using KvSessions.Stores.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace KvSessions.Core.Tests.Backplane;

public sealed class SessionBackplaneBuilderExtensionsTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly FaultyBus _bus;

    public SessionBackplaneBuilderExtensionsTests() => _bus = new(_clock);

    [Fact]
    public async Task What_one_host_ends_the_other_does_not_serve()
    {
        var store = new MemoryStore(null, _clock);
        using var a = Host(store);
        using var b = Host(store);
        await a.StartAsync();
        await b.StartAsync();
        await Eventually.TrueAsync(
            _clock,
            TimeSpan.FromSeconds(1),
            () => a.Services.GetRequiredService<ICoherence>().IsTrusted && b.Services.GetRequiredService<ICoherence>().IsTrusted,
            "the hosts trust each other");
        var record = Records.New() with { CreatedAt = _clock.GetUtcNow(), LastSeenAt = _clock.GetUtcNow() };
        await store.CreateAsync(record);
        Assert.NotNull(await b.Services.GetRequiredService<ISessionStore>().LoadAsync(record.Handle));

        await a.Services.GetRequiredService<ISessionStore>().DeleteAsync(record.Handle);

        Assert.Null(await b.Services.GetRequiredService<ISessionStore>().LoadAsync(record.Handle));
        await a.StopAsync();
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.True(b.Services.GetRequiredService<ICoherence>().IsTrusted);
        await b.StopAsync();
    }

    [Fact]
    public async Task A_backplane_without_a_cache_is_a_mistake()
    {
        using var host = Host(new MemoryStore(null, _clock), static _ => { });

        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync());

        Assert.Contains("AddMemoryCache", fault.Message);
    }

    [Fact]
    public void A_second_backplane_is_refused()
    {
        var builder = new ServiceCollection().AddKvSessionsCore().AddBackplane(_ => _bus.Connect());

        Assert.Throws<InvalidOperationException>(() => builder.AddBackplane(_ => _bus.Connect()));
    }

    private IHost Host(MemoryStore store, Action<KvSessionsBuilder>? add = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<TimeProvider>(_clock);
        var sessions = builder.Services.AddKvSessionsCore(static options => options.SweepInterval = null).AddStore<ISessionStore>(_ => store);
        (add ?? (static sessions => sessions.AddMemoryCache()))(sessions);
        sessions.AddBackplane(_ => _bus.Connect());
        return builder.Build();
    }
}
