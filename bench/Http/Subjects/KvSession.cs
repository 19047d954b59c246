namespace KvSessions.Bench;

/// <summary>KvSessions with its default options, used as its README shows it.</summary>
internal sealed class KvSession(Action<KvSessionsBuilder> addStore) : Subject
{
    private static readonly SessionKey<string>[] Keys = [.. Payload.Names.Select(static name => new SessionKey<string>(name))];

    /// <summary>As much as the drivers of the other subjects have: more load than a server can bear is to show in the figures, and not as failed requests.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public override void AddServices(IServiceCollection services) =>
        addStore(services.AddKvSessions(static options => options.OperationTimeout = Patience));

    public override void Map(WebApplication app)
    {
        app.UseKvSessions();
        app.MapGet("/seed", static (Session session) =>
        {
            foreach (var key in Keys)
            {
                session.Set(key, Payload.Value);
            }
        });
        app.MapGet("/untouched", static () => Payload.Value);
        app.MapGet("/read", static async (Session session) => await ReadAsync(session));
        app.MapGet("/write", static async (Session session) =>
        {
            var value = await ReadAsync(session);
            session.Set(Keys[1], Payload.Value);
            return value;
        });
    }

    private static async ValueTask<string> ReadAsync(Session session) =>
        await session.GetAsync(Keys[0]) ?? throw new InvalidOperationException("The session is lost.");
}
