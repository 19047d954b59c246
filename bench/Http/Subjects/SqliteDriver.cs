using System.Collections.Concurrent;

namespace KvSessions.Bench;

/// <summary>The floor on SQLite: a lookup and an update by primary key, with prepared commands on connections that stay open.</summary>
/// <param name="file">The database.</param>
/// <param name="synchronous"><c>NORMAL</c>, which loses the last writes when the power is cut, or <c>FULL</c>, which does not.</param>
internal sealed class SqliteDriver(string file, string synchronous) : Subject
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
            using var connection = new SqliteDriverConnection(file, synchronous);
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
            var data = connection.Find(id);

            // SQLite writes nothing where nothing changes.
            data[0]++;
            lock (_writing)
            {
                connection.Update(id, data);
            }

            _idle.Add(connection);
            return Payload.Value;
        });
    }

    private SqliteDriverConnection Take() => _idle.TryTake(out var connection) ? connection : new SqliteDriverConnection(file, synchronous);
}
