using Npgsql;

namespace KvSessions.Bench;

/// <summary>The floor on Postgres: a lookup and an update by primary key, on pooled connections, with statements that the driver prepares.</summary>
internal sealed class PostgresDriver(string connectionString) : Subject
{
    private readonly NpgsqlDataSource _database = NpgsqlDataSource.Create(PostgresConnection.Prepared(connectionString));

    public override void AddServices(IServiceCollection services)
    {
    }

    public override void Map(WebApplication app)
    {
        using (var create = _database.CreateCommand(
            "CREATE TABLE IF NOT EXISTS driver_sessions (id text PRIMARY KEY, data bytea NOT NULL) WITH (fillfactor = 50)"))
        {
            create.ExecuteNonQuery();
        }

        app.MapGet("/seed", async (HttpContext context) =>
            await WriteAsync("INSERT INTO driver_sessions (id, data) VALUES ($1, $2)", DriverCookie.Issue(context), Payload.NewBlob()));
        app.MapGet("/read", async (HttpContext context) =>
        {
            await ReadAsync(DriverCookie.Read(context));
            return Payload.Value;
        });
        app.MapGet("/write", async (HttpContext context) =>
        {
            var id = DriverCookie.Read(context);
            var data = await ReadAsync(id);
            data[0]++;
            await WriteAsync("UPDATE driver_sessions SET data = $2 WHERE id = $1", id, data);
            return Payload.Value;
        });
    }

    private async Task<byte[]> ReadAsync(string id)
    {
        await using var command = _database.CreateCommand("SELECT data FROM driver_sessions WHERE id = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id });
        return (byte[]?)await command.ExecuteScalarAsync() ?? throw new InvalidOperationException("The session is lost.");
    }

    private async Task WriteAsync(string statement, string id, byte[] data)
    {
        await using var command = _database.CreateCommand(statement);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = data });
        await command.ExecuteNonQueryAsync();
    }
}
