namespace KvSessions.Bench;

/// <summary>What a request costs without any session. It gets the same cookies, and does not look at them.</summary>
internal sealed class NoSession : Subject
{
    public override void AddServices(IServiceCollection services)
    {
    }

    public override void Map(WebApplication app)
    {
        app.MapGet("/seed", static (HttpContext context) => DriverCookie.Issue(context));
        app.MapGet("/untouched", static () => Payload.Value);
        app.MapGet("/read", static () => Payload.Value);
    }
}
