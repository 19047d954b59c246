using KvSessions.Stores.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KvSessions.Core.Tests.Hosting;

public sealed class CacheBuilderTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_cache_is_asked_before_the_store_whichever_was_added_first(bool cacheFirst)
    {
        var services = new ServiceCollection().AddLogging();
        var sessions = services.AddKvSessionsCore();
        _ = cacheFirst ? sessions.AddMemoryCache().AddMemoryStore() : sessions.AddMemoryStore().AddMemoryCache();
        using var provider = services.BuildServiceProvider();

        var cached = Assert.IsAssignableFrom<CachedSessionStore>(provider.GetRequiredService<ISessionStore>());
        Assert.IsAssignableFrom<ISubjectLimitStore>(cached);
        Assert.Same(provider.GetRequiredService<MemoryStore>(), cached.Inner);
        Assert.Same(cached, provider.GetRequiredService<ISessionStore>());
    }

    [Fact]
    public async Task Caches_stack_and_the_last_one_added_is_asked_first()
    {
        var services = new ServiceCollection().AddLogging();
        services.AddKvSessionsCore().AddStore<PlainStore>().AddCache<ActorStore>().AddMemoryCache();
        await using var provider = services.BuildServiceProvider();

        var outer = Assert.IsType<CachedSessionStore>(provider.GetRequiredService<ISessionStore>());
        var inner = Assert.IsType<CachedSessionStore>(outer.Inner);
        Assert.Null(outer.CacheStore);
        Assert.IsType<ActorStore>(inner.CacheStore);
        Assert.IsType<PlainStore>(inner.Inner);
        Assert.Null(provider.GetService<ActorStore>());
    }

    [Fact]
    public void A_store_of_the_same_type_can_be_the_cache_and_both_end_with_the_services()
    {
        var services = new ServiceCollection().AddLogging();
        services.AddKvSessionsCore().AddStore<PlainStore>().AddCache<PlainStore>();
        PlainStore store, cache;
        using (var provider = services.BuildServiceProvider())
        {
            store = provider.GetRequiredService<PlainStore>();
            cache = (PlainStore)((CachedSessionStore)provider.GetRequiredService<ISessionStore>()).CacheStore!;
            Assert.NotSame(store, cache);
        }

        Assert.True(store.IsDisposed);
        Assert.True(cache.IsDisposed);
    }

    [Fact]
    public void A_second_memory_cache_and_a_slower_one_before_it_are_refused()
    {
        var sessions = new ServiceCollection().AddKvSessionsCore().AddMemoryCache();

        Assert.Throws<InvalidOperationException>(() => sessions.AddMemoryCache());
        var fault = Assert.Throws<InvalidOperationException>(() => sessions.AddCache<ActorStore>());
        Assert.Contains("Add the memory cache last", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_with_the_options_is_said_when_the_host_starts()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddKvSessionsCore().AddMemoryStore()
            .AddCache<ActorStore>(o => (o.MaxStaleness, o.SoftDeadline) = (TimeSpan.Zero, TimeSpan.FromMinutes(1)))
            .AddMemoryCache(o =>
            {
                o.MaxStaleness = TimeSpan.FromDays(2);
                o.MaxEntries = 9;
                o.MaxBytes = 1000;
                o.ServeStaleWhenUnavailable = -Records.Tick;
            });
        using var host = builder.Build();

        var fault = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());

        var failures = (fault as AggregateException)?.InnerExceptions.Cast<OptionsValidationException>().SelectMany(static e => e.Failures)
            ?? ((OptionsValidationException)fault).Failures;
        Assert.Equal(6, failures.Count());
    }

    [Fact]
    public async Task The_store_and_the_cache_are_both_migrated()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddKvSessionsCore().AddStore<MigratableStore>().AddCache<MigratableStore>().AddMemoryCache().MigrateOnStartup();
        using var host = builder.Build();
        await host.StartAsync();

        var outer = (CachedSessionStore)host.Services.GetRequiredService<ISessionStore>();
        Assert.Equal(1, host.Services.GetRequiredService<MigratableStore>().Migrations);
        Assert.Equal(1, ((MigratableStore)((CachedSessionStore)outer.Inner).CacheStore!).Migrations);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_limit_that_the_store_cannot_keep_is_refused_by_the_name_of_the_store()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddKvSessionsCore(o => o.MaxSessionsPerSubject = 3).AddStore<PlainStore>().AddMemoryCache();
        using var host = builder.Build();

        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Contains(nameof(PlainStore), fault.Message, StringComparison.Ordinal);
    }
}
