using Microsoft.Extensions.Caching.Distributed;
using NeoSmart.Caching.Sqlite;
using SQLitePCL;

namespace KvSessions.Bench;

/// <summary>ASP.NET Core Session over a distributed cache.</summary>
internal sealed class BuiltInSession(Action<IServiceCollection> addCache) : Subject
{
    public static BuiltInSession OverSqlite(string file) =>
        new(services => services.AddSqliteCache(options => options.CachePath = file, new SQLite3Provider_e_sqlite3()));

    public static BuiltInSession OverPostgres(string connectionString) =>
        new(services =>
        {
            var cache = new PostgresCache(connectionString);
            cache.CreateTable();
            services.AddSingleton<IDistributedCache>(cache);
        });

    public override void AddServices(IServiceCollection services)
    {
        addCache(services);
        services.AddSession();
    }

    public override void Map(WebApplication app)
    {
        app.UseSession();
        app.MapGet("/seed", static async (HttpContext context) =>
        {
            await LoadAsync(context);
            foreach (var name in Payload.Names)
            {
                context.Session.SetString(name, Payload.Value);
            }
        });
        app.MapGet("/untouched", static () => Payload.Value);
        app.MapGet("/read", (Delegate)ReadAsync);
        app.MapGet("/write", static async (HttpContext context) =>
        {
            var value = await ReadAsync(context);
            context.Session.SetString(Payload.Names[1], Payload.Value);
            return value;
        });
    }

    // Without this the first look at the session would block its thread (https://learn.microsoft.com/aspnet/core/fundamentals/app-state).
    private static Task LoadAsync(HttpContext context) => context.Session.LoadAsync(context.RequestAborted);

    private static async Task<string> ReadAsync(HttpContext context)
    {
        await LoadAsync(context);
        return context.Session.GetString(Payload.Names[0]) ?? throw new InvalidOperationException("The session is lost.");
    }
}
