using KvSessions;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddKvSessions().AddMemoryStore();

var app = builder.Build();
app.UseKvSessions();

SessionKey<string> valueKey = new("value");

app.MapGet("/", async (Session session) => await session.GetAsync(valueKey) ?? "No value set. Go to /set to set a value.");

app.MapGet("/set", (Session session) =>
{
    session.Set(valueKey, "something");
    return Results.Redirect("/");
});

app.Run("http://localhost:8000");
