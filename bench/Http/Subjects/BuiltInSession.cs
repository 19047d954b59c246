using NeoSmart.Caching.Sqlite;
using SQLitePCL;

namespace KvSessions.Bench;

/// <summary>ASP.NET Core Session over a distributed cache.</summary>
internal sealed class BuiltInSession(Action<IServiceCollection> addCache) : Subject
{
    public static BuiltInSession OverSqlite(string file) =>
        new(services => services.AddSqliteCache(options => options.CachePath = file, new SQLite3Provider_e_sqlite3()));

    public override void AddServices(IServiceCollection services)
    {
        addCache(services);
        services.AddSession();
    }

    public override void Map(WebApplication app)
    {
        app.UseSession();
        app.MapGet("/seed", static (HttpContext context) =>
        {
            foreach (var name in Payload.Names)
            {
                context.Session.SetString(name, Payload.Value);
            }
        });
        app.MapGet("/untouched", static () => Payload.Value);
        app.MapGet("/read", static (HttpContext context) => Read(context));
        app.MapGet("/write", static (HttpContext context) =>
        {
            var value = Read(context);
            context.Session.SetString(Payload.Names[1], Payload.Value);
            return value;
        });
    }

    private static string Read(HttpContext context) =>
        context.Session.GetString(Payload.Names[0]) ?? throw new InvalidOperationException("The session is lost.");
}
