using System.Diagnostics;
using KvSessions.TestServers;

namespace KvSessions.Faults.Tests;

/// <summary>What happens to every server, and to every network.</summary>
public abstract class FaultTests(Target target, ITestOutputHelper output)
{
    private static readonly TimeSpan BeyondTheDeadline = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task A_server_that_hangs_for_three_seconds()
    {
        var result = await SurviveAsync(_ => target.Server.PauseAsync(), () => target.Server.ResumeAsync(), Hang);

        Assert.True(result.Writes.Unanswered > 0, "No write was under way when the server stopped.");
    }

    [Fact]
    public async Task Many_calls_that_are_given_up_while_a_server_hangs_hold_up_no_others()
    {
        await using var application = new Application(target, target.Connection);

        // Until there is a connection for each, where a call has one to itself.
        while ((await LoadAsync(application)).Any(static call => call.Fault is not null))
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        using var stalls = new StallWatch();
        await target.Server.PauseAsync();
        try
        {
            for (var round = 0; round < 2; round++)
            {
                foreach (var (took, fault) in await LoadAsync(application))
                {
                    Assert.True(fault is { Error: SessionStoreError.TimedOut or SessionStoreError.Unavailable }, $"A read ended with {fault?.Error}.");
                    stalls.AssertPunctual(took, $"{fault?.Error}");
                }
            }
        }
        finally
        {
            await target.Server.ResumeAsync();
        }
    }

    [Fact]
    public async Task A_server_that_is_restarted_by_its_operator()
    {
        var result = await SurviveAsync(_ => target.Server.StopAsync(), () => target.Server.StartAsync());

        Assert.True(result.Writes.Refused > 0, "No write was refused while there was no server.");
    }

    [Fact]
    public async Task A_network_that_is_too_slow()
    {
        await using var proxy = TcpProxy.Start(target.Server);

        var result = await SurviveAsync(proxy, _ => proxy.Delay = BeyondTheDeadline);

        Assert.True(result.Writes.Unanswered > 0, "No write was late.");
        Assert.True(result.Writes.KeptUnanswered > 0, "No write that was late was applied.");
    }

    [Fact]
    public async Task Connections_that_are_reset()
    {
        await using var proxy = TcpProxy.Start(target.Server);

        await SurviveAsync(proxy, TimesAsync(proxy.Cut));
    }

    [Fact]
    public async Task Connections_that_are_refused()
    {
        await using var proxy = TcpProxy.Start(target.Server);

        var result = await SurviveAsync(proxy, _ => proxy.Refuse());

        Assert.True(result.Writes.Refused > 0, "No write was refused while there was no way to the server.");
    }

    [Fact]
    public async Task Connections_whose_servers_side_is_closed()
    {
        await using var proxy = TcpProxy.Start(target.Server);

        await SurviveAsync(proxy, TimesAsync(proxy.HalfCloseToClient));
    }

    [Fact]
    public async Task Connections_whose_clients_side_is_closed()
    {
        await using var proxy = TcpProxy.Start(target.Server);

        await SurviveAsync(proxy, TimesAsync(proxy.HalfCloseToServer));
    }

    [Fact]
    public async Task Answers_that_are_lost_when_the_server_has_done_its_work()
    {
        await using var proxy = TcpProxy.Start(target.Server);

        var result = await SurviveAsync(proxy, _ => proxy.ToClient = Forwarding.Dropped);

        Assert.True(result.Writes.KeptUnanswered > 0, "No write whose answer was lost was applied.");
    }

    [Fact]
    public async Task Requests_that_are_lost_on_their_way()
    {
        await using var proxy = TcpProxy.Start(target.Server);

        var result = await SurviveAsync(proxy, _ => proxy.ToServer = Forwarding.Dropped);

        Assert.True(result.Writes.Unanswered > 0, "No write was lost.");
    }

    private protected Task<OutageResult> SurviveAsync(Func<Crowd, Task> beginAsync, Func<Task> endAsync, TimeSpan lasting = default) =>
        new Outage(target, target.Connection) { BeginAsync = beginAsync, EndAsync = endAsync, Lasting = lasting }.RunAsync(output);

    private Task<OutageResult> SurviveAsync(TcpProxy proxy, Action<Crowd> begin) =>
        SurviveAsync(
            proxy,
            crowd =>
            {
                begin(crowd);
                return Task.CompletedTask;
            });

    private Task<OutageResult> SurviveAsync(TcpProxy proxy, Func<Crowd, Task> beginAsync) =>
        new Outage(target, target.Through(proxy))
        {
            BeginAsync = beginAsync,
            EndAsync = () =>
            {
                proxy.Heal();
                return Task.CompletedTask;
            },
        }.RunAsync(output);

    private static Task<(TimeSpan Took, SessionStoreException? Fault)[]> LoadAsync(Application application)
    {
        const int Calls = 32;
        return Task.WhenAll(Enumerable.Range(0, Calls).Select(async _ =>
        {
            var started = Stopwatch.GetTimestamp();
            try
            {
                await application.Calls.LoadAsync(SessionId.New().Handle, CancellationToken.None);
                return (Stopwatch.GetElapsedTime(started), null);
            }
            catch (SessionStoreException fault)
            {
                return (Stopwatch.GetElapsedTime(started), (SessionStoreException?)fault);
            }
        }));
    }

    // Once might meet a moment at which nobody calls.
    private static Func<Crowd, Task> TimesAsync(Action disturb) =>
        async crowd =>
        {
            const int Times = 5;
            for (var time = 0; time < Times; time++)
            {
                disturb();
                await crowd.EndedAsync(2);
            }
        };
}
