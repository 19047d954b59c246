using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KvSessions.Core.Tests.Hosting;

public sealed class KvSessionsBuilderTests
{
    [Fact]
    public void A_second_store_is_refused_with_the_names_of_both()
    {
        var sessions = new ServiceCollection().AddKvSessionsCore().AddStore<PlainStore>();

        var fault = Assert.Throws<InvalidOperationException>(() => sessions.AddStore<MigratableStore>());

        Assert.Contains(nameof(PlainStore), fault.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(MigratableStore), fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Adding_the_sessions_twice_adds_them_once_and_applies_both_configurations()
    {
        var services = new ServiceCollection().AddLogging();
        var first = services.AddKvSessionsCore(o => o.IdleTimeout = TimeSpan.FromMinutes(1));
        var second = services.AddKvSessionsCore(o => o.AbsoluteTimeout = TimeSpan.FromHours(1));
        first.AddStore<PlainStore>();

        Assert.Throws<InvalidOperationException>(() => second.AddStore<PlainStore>());
        using var provider = services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptions<KvSessionsOptions>>().Value;
        Assert.Equal((TimeSpan.FromMinutes(1), TimeSpan.FromHours(1)), (options.IdleTimeout, options.AbsoluteTimeout));
        Assert.Equal(3, provider.GetServices<IHostedService>().Count());
    }

    [Fact]
    public void A_store_is_one_object_under_each_of_its_names_and_ends_with_the_services()
    {
        var services = new ServiceCollection().AddLogging();
        services.AddKvSessionsCore().AddStore<PlainStore>();
        PlainStore store;
        using (var provider = services.BuildServiceProvider())
        {
            store = provider.GetRequiredService<PlainStore>();
            Assert.Same(store, provider.GetRequiredService<ISessionStore>());
            Assert.NotNull(provider.GetRequiredService<SessionFactory>());
            Assert.NotNull(provider.GetRequiredService<SubjectSessions>());
        }

        Assert.True(store.IsDisposed);
    }

    [Fact]
    public void A_store_can_be_made_by_a_function_that_says_no_more_than_that_it_is_one()
    {
        var services = new ServiceCollection().AddLogging();
        services.AddKvSessionsCore().AddStore<ISessionStore>(_ => new PlainStore());
        using var provider = services.BuildServiceProvider();

        Assert.IsType<PlainStore>(provider.GetRequiredService<ISessionStore>());
    }

    [Fact]
    public void Nothing_is_no_argument()
    {
        Assert.Throws<ArgumentNullException>("services", () => KvSessionsServiceCollectionExtensions.AddKvSessionsCore(null!));
        Assert.Throws<ArgumentNullException>("create", () => new ServiceCollection().AddKvSessionsCore().AddStore<PlainStore>(null!));
    }

    [Fact]
    public void The_sessions_go_by_the_clock_that_the_application_has()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var services = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(clock);
        services.AddKvSessionsCore().AddStore<PlainStore>();
        using var provider = services.BuildServiceProvider();

        Assert.Same(clock, provider.GetRequiredService<SessionFactory>().Clock);
    }

    [Fact]
    public async Task The_host_stops_only_when_the_touches_under_way_have_ended()
    {
        var bench = new SessionBench();
        var id = await bench.SeedAsync();
        bench.Clock.Advance(TimeSpan.FromMinutes(1));
        var touched = new TaskCompletionSource();
        bench.Store.Before = (_, _) => new ValueTask(touched.Task);
        var touches = new Lazy<SessionTouches>(() => bench.Touches);
        var drain = new TouchDrain(touches);

        Assert.True(drain.StopAsync(default).IsCompletedSuccessfully);
        Assert.False(touches.IsValueCreated);
        touches.Value.Touch(id);
        var stopped = drain.StopAsync(default);
        Assert.False(stopped.IsCompleted);
        touched.SetResult();
        await stopped;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => StopAtOnceAsync(bench, drain));
    }

    [Fact]
    public async Task The_schema_is_brought_up_to_date_before_any_other_service_starts()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddHostedService<FirstService>();
        builder.Services.AddKvSessionsCore().AddStore<MigratableStore>().MigrateOnStartup().MigrateOnStartup();
        using var host = builder.Build();
        await host.StartAsync();

        Assert.Equal(1, host.Services.GetRequiredService<MigratableStore>().Migrations);
        Assert.Equal(1, host.Services.GetServices<IHostedService>().OfType<FirstService>().Single().MigrationsAtStart);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_store_without_a_schema_starts_as_well_when_it_is_to_be_migrated()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddKvSessionsCore().AddStore<PlainStore>().MigrateOnStartup();
        using var host = builder.Build();

        await host.StartAsync();
        await host.StopAsync();
    }

    [Fact]
    public async Task A_limit_of_sessions_that_the_store_cannot_keep_stops_the_start_and_names_both()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddKvSessionsCore(o => o.MaxSessionsPerSubject = 3).AddStore<ISessionStore>(_ => new MigratableStore()).MigrateOnStartup();
        using var host = builder.Build();

        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Contains("MaxSessionsPerSubject is 3", fault.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(ISubjectLimitStore), fault.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(MigratableStore), fault.Message, StringComparison.Ordinal);
        Assert.Equal(0, ((MigratableStore)host.Services.GetRequiredService<ISessionStore>()).Migrations);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(3, true)]
    public async Task A_host_starts_without_a_limit_on_any_store_and_with_one_on_a_store_that_keeps_it(int? maximum, bool keepsLimits)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        var sessions = builder.Services.AddKvSessionsCore(o => (o.MaxSessionsPerSubject, o.SweepInterval) = (maximum, null));
        _ = keepsLimits ? sessions.AddMemoryStore() : sessions.AddStore<PlainStore>();
        using var host = builder.Build();

        await host.StartAsync();
        await host.StopAsync();
    }

    private static Task StopAtOnceAsync(SessionBench bench, TouchDrain drain)
    {
        bench.Store.Hang();
        bench.Touches.Touch(SessionId.New());
        return drain.StopAsync(new CancellationToken(canceled: true));
    }

    private sealed class FirstService(MigratableStore store) : IHostedService
    {
        public int MigrationsAtStart { get; private set; } = -1;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            MigrationsAtStart = store.Migrations;
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
