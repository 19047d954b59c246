using Npgsql;

namespace KvSessions.Faults.Tests;

public sealed class PostgresConnectionLimitTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_server_that_has_no_connection_left()
    {
        await using var target = new PostgresTarget(new()
        {
            Settings = new Dictionary<string, string> { ["max_connections"] = "16", ["superuser_reserved_connections"] = "0" },
        });
        await target.InitializeAsync();
        await using var first = await target.OpenAsync();
        var others = new List<NpgsqlConnection>();

        var result = await new Outage(target, target.Connection)
        {
            BeginAsync = _ => TakeAllAsync(target, first, others),
            EndAsync = async () =>
            {
                foreach (var connection in others)
                {
                    await connection.DisposeAsync();
                }
            },
        }.RunAsync(output);

        Assert.True(result.Writes.Refused > 0, "No write was refused.");
        Assert.True(result.Reported("no connection left"), $"{result}");
    }

    private static async Task TakeAllAsync(PostgresTarget target, NpgsqlConnection first, List<NpgsqlConnection> others)
    {
        do
        {
            try
            {
                while (true)
                {
                    others.Add(await target.OpenAsync());
                }
            }
            catch (PostgresException full) when (full.SqlState == PostgresErrorCodes.TooManyConnections)
            {
                // What is left is in the hands of the application, which is not given back any that it loses.
            }
        }
        while (await PostgresTarget.EndApplicationsAsync(first) > 0);
    }
}
