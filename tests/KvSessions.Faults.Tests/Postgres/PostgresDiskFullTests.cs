using Npgsql;

namespace KvSessions.Faults.Tests;

/// <summary>The tables and the log of a server are on one small disk.</summary>
public sealed class PostgresDiskFullTests(ITestOutputHelper output) : IAsyncLifetime
{
    // The server itself, two segments of its log of 16 megabytes each, and some room.
    private const int Megabytes = 128;

    private readonly SmallDisk _disk = SmallDisk.Mount(Megabytes);
    private PostgresTarget? _target;

    private PostgresTarget Target => _target ?? throw new InvalidOperationException("The server has not been started.");

    public async ValueTask InitializeAsync()
    {
        _target = new PostgresTarget(new()
        {
            Directory = _disk.Directory,
            Settings = new Dictionary<string, string> { ["min_wal_size"] = "32MB", ["max_wal_size"] = "32MB" },
        });
        await _target.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Target.DisposeAsync();
        _disk.Dispose();
    }

    [Fact]
    public async Task A_disk_that_has_no_room_for_another_row()
    {
        var result = await SurviveAsync(crowd =>
        {
            _disk.Fill();
            return crowd.ReportedAsync("disk is full");
        });

        // Whose write it is that finds no room is up to the server: most fit into the pages that there are.
        Assert.Contains(result.Faults, static fault => fault.Fault.StartsWith($"{SessionStoreError.Unavailable}: ", StringComparison.Ordinal)
            && fault.Fault.Contains("the server's disk is full", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_disk_that_has_no_room_for_the_log_so_that_the_server_ends()
    {
        await SurviveAsync(async crowd =>
        {
            _disk.Fill();
            await UseUpTheLogAsync(crowd);
            await EndedAsync();
        });

        Assert.Contains("PANIC", await Target.Server.ReadLogAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private Task<OutageResult> SurviveAsync(Func<Crowd, Task> beginAsync) =>
        new Outage(Target, Target.Connection)
        {
            BeginAsync = beginAsync,
            EndAsync = async () =>
            {
                _disk.MakeRoom();
                if (await Target.Server.HasEndedAsync())
                {
                    await Target.Server.StartAsync();
                }
            },
        }.RunAsync(output);

    private async Task UseUpTheLogAsync(Crowd crowd)
    {
        await using var connection = await Target.OpenAsync();
        await using var next = new NpgsqlCommand("SELECT pg_switch_wal()", connection);
        await Assert.ThrowsAnyAsync<NpgsqlException>(async () =>
        {
            while (true)
            {
                await next.ExecuteNonQueryAsync();
                await crowd.EndedAsync(1);
            }
        });
    }

    private Task EndedAsync() =>
        Eventually.TrueAsync(() => Target.Server.HasEndedAsync(TestContext.Current.CancellationToken), "the server has ended");
}
