using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KvSessions.Core.Tests.Hosting;

public sealed class OptionsValidationTests
{
    [Fact]
    public async Task Everything_that_is_wrong_is_in_one_message_that_names_each_option()
    {
        var fault = await StartFailsAsync(
            o =>
            {
                o.IdleTimeout = TimeSpan.Zero;
                o.AbsoluteTimeout = SessionExpiry.Longest + Records.Tick;
                o.TouchFraction = 0.51;
                o.OperationTimeout = TimeSpan.FromMinutes(1) + Records.Tick;
                o.SweepInterval = TimeSpan.FromMilliseconds(999);
                o.SweepBatchSize = 0;
                o.MaxSessionsPerSubject = 0;
                o.SubjectLimitRule = (SubjectLimitRule)42;
                o.Limits.MaxKeys = 0;
                o.Limits.MaxKeyBytes = 0;
                o.Limits.MaxValueBytes = -1;
                o.Limits.MaxTotalBytes = 0;
            },
            withStore: false);
        string[] options =
        [
            "AddKvSessions", "IdleTimeout", "AbsoluteTimeout", "TouchFraction", "OperationTimeout", "SweepInterval", "SweepBatchSize",
            "MaxSessionsPerSubject", "SubjectLimitRule", "Limits.MaxKeys", "Limits.MaxKeyBytes", "Limits.MaxValueBytes", "Limits.MaxTotalBytes",
        ];

        Assert.All(options, option => Assert.Contains(option, fault.Message, StringComparison.Ordinal));
        Assert.Equal(options.Length, fault.Failures.Count());
    }

    [Fact]
    public async Task Each_option_is_refused_just_outside_its_range()
    {
        Action<KvSessionsOptions>[] outside =
        [
            o => o.IdleTimeout = SessionExpiry.Longest + Records.Tick,
            o => o.IdleTimeout = -Records.Tick,
            o => o.AbsoluteTimeout = TimeSpan.Zero,
            o => o.TouchFraction = 0,
            o => o.TouchFraction = double.NaN,
            o => o.TouchFraction = -0.1,
            o => o.OperationTimeout = TimeSpan.Zero,
            o => o.OperationTimeout = Timeout.InfiniteTimeSpan,
            o => o.SweepInterval = TimeSpan.FromDays(1) + Records.Tick,
            o => o.SweepBatchSize = 100_001,
            o => o.MaxSessionsPerSubject = -1,
        ];

        foreach (var configure in outside)
        {
            Assert.Single((await StartFailsAsync(configure)).Failures);
        }

        Assert.StartsWith(
            "IdleTimeout and AbsoluteTimeout are both null",
            (await StartFailsAsync(o => (o.IdleTimeout, o.AbsoluteTimeout) = (null, null))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_option_is_accepted_at_the_ends_of_its_range()
    {
        Action<KvSessionsOptions>[] inside =
        [
            _ => { },
            o => (o.IdleTimeout, o.AbsoluteTimeout) = (SessionExpiry.Longest, null),
            o => (o.IdleTimeout, o.AbsoluteTimeout) = (null, SessionExpiry.Longest),
            o => (o.IdleTimeout, o.AbsoluteTimeout) = (Records.Tick, Records.Tick),
            o => (o.TouchFraction, o.OperationTimeout) = (0.5, TimeSpan.FromMinutes(1)),
            o => (o.SweepInterval, o.SweepBatchSize) = (TimeSpan.FromSeconds(1), 1),
            o => (o.SweepInterval, o.SweepBatchSize) = (TimeSpan.FromDays(1), 100_000),
            o => (o.SweepInterval, o.MaxSessionsPerSubject) = (null, 1),
            o => (o.Limits.MaxKeys, o.Limits.MaxKeyBytes, o.Limits.MaxValueBytes, o.Limits.MaxTotalBytes) = (1, 1, 1, 1),
        ];

        foreach (var configure in inside)
        {
            using var host = Build(configure, withStore: true);
            await host.StartAsync();
            await host.StopAsync();
        }
    }

    private static async Task<OptionsValidationException> StartFailsAsync(Action<KvSessionsOptions> configure, bool withStore = true)
    {
        using var host = Build(configure, withStore);
        return await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
    }

    private static IHost Build(Action<KvSessionsOptions> configure, bool withStore)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        var sessions = builder.Services.AddKvSessionsCore(configure);
        if (withStore)
        {
            sessions.AddMemoryStore();
        }

        return builder.Build();
    }
}
