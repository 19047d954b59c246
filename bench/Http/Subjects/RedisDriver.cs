using StackExchange.Redis;

namespace KvSessions.Bench;

/// <summary>The floor on Redis: GET, and SET with an expiry.</summary>
internal sealed class RedisDriver(string configuration) : Subject
{
    private static readonly TimeSpan Expiry = TimeSpan.FromMinutes(20);

    private readonly IDatabase _database = ConnectionMultiplexer.Connect(configuration).GetDatabase();

    public override void AddServices(IServiceCollection services)
    {
    }

    public override void Map(WebApplication app)
    {
        app.MapGet("/seed", async (HttpContext context) => await _database.StringSetAsync(Key(DriverCookie.Issue(context)), Payload.NewBlob(), Expiry));
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
            await _database.StringSetAsync(Key(id), data, Expiry);
            return Payload.Value;
        });
    }

    private static RedisKey Key(string id) => "driver:" + id;

    private async Task<byte[]> ReadAsync(string id) =>
        (byte[]?)await _database.StringGetAsync(Key(id)) ?? throw new InvalidOperationException("The session is lost.");
}
