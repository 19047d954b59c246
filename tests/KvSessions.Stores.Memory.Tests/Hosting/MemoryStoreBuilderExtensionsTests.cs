using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace KvSessions.Stores.Memory.Tests;

public sealed class MemoryStoreBuilderExtensionsTests
{
    private readonly ServiceCollection _services = new();

    [Fact]
    public async Task AddMemoryStore_gives_one_store_with_the_options_and_the_clock_of_the_application()
    {
        var clock = new FakeTimeProvider();
        _services.AddSingleton<TimeProvider>(clock);
        _services.AddKvSessionsCore().AddMemoryStore(options => options.MaxSessions = 1);
        await using var provider = _services.BuildServiceProvider();

        var store = provider.GetRequiredService<MemoryStore>();

        Assert.Same(store, provider.GetRequiredService<ISessionStore>());
        var (first, second) = (Records.New(clock), Records.New(clock));
        await store.CreateAsync(first);
        await store.CreateAsync(second);
        Assert.Null(await store.LoadAsync(first.Handle));
        Assert.Equal(clock.GetUtcNow(), (await store.LoadAsync(second.Handle))!.LastSeenAt);
    }

    [Fact]
    public async Task AddActorStore_gives_one_store_that_is_disposed_with_the_application()
    {
        var clock = new FakeTimeProvider();
        _services.AddSingleton<TimeProvider>(clock);
        _services.AddKvSessionsCore().AddActorStore(options => options.ReplyTimeout = TimeSpan.FromSeconds(5));
        var provider = _services.BuildServiceProvider();
        var store = provider.GetRequiredService<ActorStore>();
        Assert.Same(store, provider.GetRequiredService<ISessionStore>());
        Assert.True(await store.CreateAsync(Records.New(clock)));

        await provider.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.DeleteAsync(SessionId.New().Handle));
    }

    [Fact]
    public void The_options_are_checked_when_the_host_starts()
    {
        _services.AddKvSessionsCore().AddMemoryStore(static options => options.MaxSessions = 0);
        using var provider = _services.BuildServiceProvider();

        var fault = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());

        Assert.Contains("MemoryStoreOptions.MaxSessions is 0", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_options_of_the_actor_store_are_checked_when_the_host_starts()
    {
        _services.AddKvSessionsCore().AddActorStore(static options => options.ReplyTimeout = TimeSpan.Zero);
        using var provider = _services.BuildServiceProvider();

        var fault = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());

        Assert.Contains("ActorStoreOptions.ReplyTimeout is 00:00:00", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_stores_are_one_too_many() =>
        Assert.Throws<InvalidOperationException>(() => _services.AddKvSessionsCore().AddMemoryStore().AddActorStore());
}
