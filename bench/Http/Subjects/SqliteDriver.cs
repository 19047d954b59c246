using System.Collections.Concurrent;

namespace KvSessions.Bench;

/// <summary>The floor on SQLite: a lookup and an update by primary key, with prepared commands on connections that stay open.</summary>
internal sealed class SqliteDriver(string file) : Subject
{
    private readonly ConcurrentBag<SqliteDriverConnection> _idle = [];

    // One writer at a time: SQLite allows no more, and would have the others poll for its lock.
    private readonly Lock _writing = new();

    public override void AddServices(IServiceCollection services)
    {
    }

    public override void Map(WebApplication app)
    {
        SqliteDriverConnection.CreateTable(file);
        app.MapGet("/seed", (HttpContext context) =>
        {
            using var connection = new SqliteDriverConnection(file);
            connection.Insert(DriverCookie.Issue(context), Payload.NewBlob());
        });
        app.MapGet("/read", (HttpContext context) =>
        {
            var connection = Take();
            _ = connection.Find(DriverCookie.Read(context));
            _idle.Add(connection);
            return Payload.Value;
        });
        app.MapGet("/write", (HttpContext context) =>
        {
            var id = DriverCookie.Read(context);
            var connection = Take();
            var found = connection.Find(id);
            lock (_writing)
            {
                connection.Update(id, found);
            }

            _idle.Add(connection);
            return Payload.Value;
        });
    }

    private SqliteDriverConnection Take() => _idle.TryTake(out var connection) ? connection : new SqliteDriverConnection(file);
}
