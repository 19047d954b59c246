using KvSessions.Stores.Postgres;
using KvSessions.TestServers;
using Npgsql;

namespace KvSessions.Coherence.Tests.Backplanes;

public sealed class PostgresBackplaneTests(PostgresTarget target) : BackplaneTests(target), IClassFixture<PostgresTarget>
{
    [Fact]
    public async Task Behind_a_proxy_that_pools_transactions_it_works_with_a_way_past_that()
    {
        var bouncer = Open(await PgBouncer.StartAsync(target.Connection, poolSize: 3));
        var (a, b) = (Start(Connect(bouncer, target.Connection)), Start(Connect(bouncer, target.Connection)));
        await TrustedAsync(a, b);
        var handle = SessionId.New().Handle;

        await a.Coherence.AnnounceAsync(handle, 2);

        await Eventually.TrueAsync(() => b.Outdated.Contains((handle, 2)), "the other node has heard");
    }

    [Fact]
    public async Task A_data_source_of_the_application_is_given_back_as_it_was()
    {
        await using var dataSource = NpgsqlDataSource.Create($"{target.Connection};No Reset On Close=true;Maximum Pool Size=2");
        await using (var backplane = new PostgresBackplane(new() { DataSource = dataSource, Channel = Channel }))
        {
            var ear = await ListenAsync(backplane);
            await backplane.PublishAsync(new byte[] { 1 });
            await ear.HearsAsync(1);
            await ear.DisposeAsync();
        }

        // Both connections of the pool, one of which has listened.
        await using var first = await dataSource.OpenConnectionAsync();
        await using var second = await dataSource.OpenConnectionAsync();
        foreach (var connection in new[] { first, second })
        {
            await using var command = new NpgsqlCommand("SELECT count(*) FROM pg_listening_channels()", connection);
            Assert.Equal(0L, await command.ExecuteScalarAsync());
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\"b")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234")]
    public void A_name_that_is_none_is_refused(string channel) =>
        Assert.Throws<ArgumentException>(() => new PostgresBackplane(new() { ConnectionString = "Host=a", Channel = channel }));

    private PostgresBackplane Connect(PgBouncer bouncer, string? listening) =>
        Open(new PostgresBackplane(new() { ConnectionString = bouncer.ConnectionString, ListenConnectionString = listening, Channel = Channel }));
}
