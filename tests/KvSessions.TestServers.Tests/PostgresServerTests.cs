using Npgsql;

namespace KvSessions.TestServers.Tests;

public sealed class PostgresServerTests(PostgresServer shared)
{
    [Fact]
    public async Task The_shared_server_answers_as_somebody_who_may_create_schemas()
    {
        await ExecuteAsync(shared.ConnectionString, "create schema proof");
        await ExecuteAsync(shared.ConnectionString, "drop schema proof");
    }

    [Fact]
    public async Task A_durable_server_keeps_its_port_and_what_was_committed_over_kills_and_restarts()
    {
        await using var server = await PostgresServer.StartOwnAsync(new() { Durable = true });
        Assert.Equal("on", await ExecuteAsync(server.ConnectionString, "show fsync"));
        var connectionString = server.ConnectionString;
        await ExecuteAsync(connectionString, "create table proof (id int primary key)");

        for (var i = 0; i < 3; i++)
        {
            await ExecuteAsync(connectionString, $"insert into proof values ({i})");
            await server.KillAsync();
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => ExecuteAsync(connectionString, "select 1"));
            await server.StartAsync();
        }

        await server.RestartAsync();
        Assert.Equal(connectionString, server.ConnectionString);
        Assert.Equal(3L, await ExecuteAsync(connectionString, "select count(*) from proof"));
    }

    [Fact]
    public async Task A_paused_server_holds_statements_under_way_until_it_is_resumed()
    {
        await using var server = await PostgresServer.StartOwnAsync();
        // Without that the driver waits for a paused server to confirm that the statement is cancelled.
        await using var connection = new NpgsqlConnection(server.ConnectionString + ";Cancellation Timeout=-1;Timeout=2");
        await connection.OpenAsync();
        await server.PauseAsync();
        await using var command = new NpgsqlCommand("select 1", connection) { CommandTimeout = 1 };
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => command.ExecuteScalarAsync());

        await server.ResumeAsync();
        Assert.Equal(1, await ExecuteAsync(server.ConnectionString, "select 1"));
    }

    [Fact]
    public async Task Settings_reach_the_server_and_its_log_can_be_read()
    {
        await using var server = await PostgresServer.StartOwnAsync(new() { Settings = new Dictionary<string, string> { ["log_statement"] = "all" } });
        Assert.Equal("300", await ExecuteAsync(server.ConnectionString, "show max_connections"));
        await ExecuteAsync(server.ConnectionString, "select 'to be found in the log'");
        Assert.Contains("to be found in the log", await server.ReadLogAsync());
    }

    [Fact]
    public async Task PgBouncer_gives_the_sessions_of_a_few_connections_to_many_clients()
    {
        await using var bouncer = await PgBouncer.StartAsync(shared.ConnectionString, poolSize: 2);
        var connections = new List<NpgsqlConnection>();
        var sessions = new HashSet<object?>();
        for (var i = 0; i < 10; i++)
        {
            var connection = new NpgsqlConnection(bouncer.ConnectionString + ";Pooling=false");
            connections.Add(connection);
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("select pg_backend_pid()", connection);
            sessions.Add(await command.ExecuteScalarAsync());
        }

        Assert.InRange(sessions.Count, 1, 2);
        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }
    }

    private static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false;Timeout=5");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
