namespace KvSessions.Bench;

/// <summary>
/// One of the things that are compared: a web application that answers <c>/untouched</c>, <c>/read</c> and <c>/write</c>, and
/// <c>/seed</c>, which makes a session and sets its cookie. All answer with the same text.
/// </summary>
internal abstract class Subject
{
    public static readonly IReadOnlyList<string> All =
        ["none", "builtin-memory", "builtin-sqlite", "driver-memory", "driver-sqlite", "driver-sqlite-full", "kv-memory", "kv-sqlite"];

    public static Subject Make(string name, string file) =>
        name switch
        {
            "none" => new NoSession(),
            "builtin-memory" => new BuiltInSession(static services => services.AddDistributedMemoryCache()),
            "builtin-sqlite" => BuiltInSession.OverSqlite(file),
            "driver-memory" => new MemoryDriver(),
            "driver-sqlite" => new SqliteDriver(file, "NORMAL"),
            "driver-sqlite-full" => new SqliteDriver(file, "FULL"),
            "kv-memory" => new KvSession(static sessions => sessions.AddMemoryStore()),
            "kv-sqlite" => new KvSession(sessions => sessions.AddSqliteStore(file).MigrateOnStartup()),
            _ => throw new ArgumentException($"There is no subject '{name}'; there are {string.Join(", ", All)}."),
        };

    public abstract void AddServices(IServiceCollection services);

    public abstract void Map(WebApplication app);
}
