namespace KvSessions.Faults.Tests;

/// <summary>The append-only file of a server is on a small disk.</summary>
public sealed class RedisDiskFullTests(ITestOutputHelper output) : IDisposable
{
    private const int Megabytes = 16;

    private readonly SmallDisk _disk = SmallDisk.Mount(Megabytes);

    public void Dispose() => _disk.Dispose();

    // A server that may acknowledge only what is on the disk has no way but to end.
    [Fact]
    public async Task A_disk_that_is_full_ends_a_server_that_writes_everything_at_once()
    {
        var result = await SurviveAsync("always", async (target, _) =>
        {
            _disk.Fill();
            await Eventually.TrueAsync(() => target.Server.HasEndedAsync(TestContext.Current.CancellationToken), "the server has ended");
        });

        Assert.True(result.Writes.Unanswered > 0, "No write was under way when the server ended.");
    }

    [Fact]
    public async Task On_a_disk_that_is_full_a_server_that_writes_every_second_refuses_to_write()
    {
        var result = await SurviveAsync("everysec", (_, crowd) =>
        {
            _disk.Fill();
            return crowd.ReportedAsync("cannot write to its disk");
        });

        Assert.True(result.Writes.Refused > 0, "No write was refused.");
    }

    private async Task<OutageResult> SurviveAsync(string appendfsync, Func<RedisTarget, Crowd, Task> beginAsync)
    {
        await using var target = new RedisTarget(new()
        {
            Durable = true,
            Directory = _disk.Directory,
            Settings = new Dictionary<string, string> { ["appendfsync"] = appendfsync },
        });
        await target.InitializeAsync();
        return await new Outage(target, target.Connection)
        {
            BeginAsync = crowd => beginAsync(target, crowd),
            EndAsync = async () =>
            {
                _disk.MakeRoom();
                if (await target.Server.HasEndedAsync())
                {
                    await target.Server.StartAsync();
                }
            },
        }.RunAsync(output);
    }
}
