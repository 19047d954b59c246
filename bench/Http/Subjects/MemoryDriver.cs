using System.Collections.Concurrent;

namespace KvSessions.Bench;

/// <summary>The floor in memory: a lookup in a concurrent dictionary, and an assignment.</summary>
internal sealed class MemoryDriver : Subject
{
    private readonly ConcurrentDictionary<string, byte[]> _sessions = new();

    public override void AddServices(IServiceCollection services)
    {
    }

    public override void Map(WebApplication app)
    {
        app.MapGet("/seed", (HttpContext context) =>
        {
            _sessions[DriverCookie.Issue(context)] = Payload.NewBlob();
        });
        app.MapGet("/read", (HttpContext context) =>
        {
            _ = _sessions[DriverCookie.Read(context)];
            return Payload.Value;
        });
        app.MapGet("/write", (HttpContext context) =>
        {
            var id = DriverCookie.Read(context);
            _sessions[id] = [.. _sessions[id]];
            return Payload.Value;
        });
    }
}
