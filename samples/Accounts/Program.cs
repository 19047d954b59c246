using Accounts;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions
{
    Args = args,

    // The stylesheet lies beside the program, wherever that is started from.
    ContentRootPath = AppContext.BaseDirectory,
});
builder.Configuration["urls"] ??= "http://localhost:8080";
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);

var sessions = builder.Services.AddKvSessions(builder.Configuration.GetSection("KvSessions").Bind);
switch (builder.Configuration["store"] ?? "sqlite")
{
    case "sqlite":
        sessions.AddSqliteStore(builder.Configuration["database"] ?? "accounts.db").MigrateOnStartup();
        break;
    case "postgres":
        sessions.AddPostgresStore(Connection("Host=localhost;Username=postgres;Database=postgres")).MigrateOnStartup();
        break;
    case "redis":
        sessions.AddRedisStore(Connection("localhost:6379"));
        break;
    case "memory":
        sessions.AddMemoryStore();
        break;
    case "actor":
        sessions.AddActorStore();
        break;
    case var unknown:
        await Console.Error.WriteLineAsync($"There is no store '{unknown}': use --store sqlite, postgres, redis, memory or actor.");
        return 1;
}

switch (builder.Configuration["cache"] ?? "none")
{
    case "none":
        break;
    case "memory":
        sessions.AddMemoryCache();
        break;
    case var unknown:
        await Console.Error.WriteLineAsync($"There is no cache '{unknown}': use --cache memory.");
        return 1;
}

switch (builder.Configuration["backplane"] ?? "none")
{
    case "none":
        break;
    case "postgres":
        sessions.AddPostgresBackplane();
        break;
    case "redis":
        sessions.AddRedisBackplane();
        break;
    case var unknown:
        await Console.Error.WriteLineAsync($"There is no backplane '{unknown}': use --backplane postgres or redis, with the store of that name.");
        return 1;
}

var app = builder.Build();
app.UseStaticFiles();
app.UseKvSessions();

var pages = app.MapPages();
pages.MapShop();
pages.MapSignIn();
pages.MapDevices();
pages.MapCounter();

await app.RunAsync();
return 0;

string Connection(string byDefault) => builder.Configuration["connection"] ?? byDefault;
