namespace KvSessions.Bench;

/// <summary>
/// One of the things that are compared: a web application that answers <c>/untouched</c>, <c>/read</c> and <c>/write</c>, and
/// <c>/seed</c>, which makes a session and sets its cookie. All answer with the same text.
/// </summary>
internal abstract class Subject
{
    public static readonly IReadOnlyList<string> All =
    [
        "none",
        "builtin-memory", "builtin-sqlite", "builtin-redis", "builtin-postgres",
        "driver-memory", "driver-sqlite", "driver-sqlite-full", "driver-redis", "driver-postgres",
        "kv-memory", "kv-sqlite", "kv-redis", "kv-postgres",
        "kv-sqlite-cached", "kv-redis-cached", "kv-postgres-cached",
    ];

    /// <summary>Makes a subject.</summary>
    /// <param name="name">One of <see cref="All"/>.</param>
    /// <param name="file">The database file, for those that have one.</param>
    /// <param name="redis">How to connect to Redis, for those that do.</param>
    /// <param name="postgres">How to connect to Postgres, for those that do.</param>
    public static Subject Make(string name, string file, string redis, string postgres) =>
        name switch
        {
            "none" => new NoSession(),
            "builtin-memory" => new BuiltInSession(static services => services.AddDistributedMemoryCache()),
            "builtin-sqlite" => BuiltInSession.OverSqlite(file),
            "builtin-redis" => new BuiltInSession(services => services.AddStackExchangeRedisCache(options => options.Configuration = redis)),
            "builtin-postgres" => BuiltInSession.OverPostgres(postgres),
            "driver-memory" => new MemoryDriver(),
            "driver-sqlite" => new SqliteDriver(file, "NORMAL"),
            "driver-sqlite-full" => new SqliteDriver(file, "FULL"),
            "driver-redis" => new RedisDriver(redis),
            "driver-postgres" => new PostgresDriver(postgres),
            "kv-memory" => new KvSession(static sessions => sessions.AddMemoryStore()),
            "kv-sqlite" => new KvSession(sessions => sessions.AddSqliteStore(file).MigrateOnStartup()),
            "kv-redis" => new KvSession(sessions => sessions.AddRedisStore(redis)),
            "kv-postgres" => new KvSession(sessions => AddPostgres(sessions, postgres)),
            "kv-sqlite-cached" => new KvSession(sessions => sessions.AddSqliteStore(file).MigrateOnStartup().AddMemoryCache()),
            "kv-redis-cached" => new KvSession(sessions => sessions.AddRedisStore(redis).AddMemoryCache()),
            "kv-postgres-cached" => new KvSession(sessions => AddPostgres(sessions, postgres).AddMemoryCache()),
            _ => throw new ArgumentException($"There is no subject '{name}'; there are {string.Join(", ", All)}."),
        };

    private static KvSessionsBuilder AddPostgres(KvSessionsBuilder sessions, string connectionString) =>
        sessions.AddPostgresStore(connectionString, static options => options.ConnectTimeout = KvSession.Patience).MigrateOnStartup();

    public abstract void AddServices(IServiceCollection services);

    public abstract void Map(WebApplication app);
}
