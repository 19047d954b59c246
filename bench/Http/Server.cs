namespace KvSessions.Bench;

/// <summary>One subject, as a process of its own.</summary>
internal static class Server
{
    public static async Task RunAsync(string name, Options options)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(options.Urls);

        var subject = Subject.Make(name, Path.Combine(options.Directory, $"{name}.db"), options.Redis, options.Postgres);
        subject.AddServices(builder.Services);
        var app = builder.Build();
        app.MapGet(Usage.Path, Usage.Now);
        subject.Map(app);
        await app.RunAsync();
    }
}
