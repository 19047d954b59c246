using System.Security.Cryptography;
using Dapper;
using KvSessions.Tests;
using KvSessions.TestServers;
using Npgsql;

namespace KvSessions.Stores.Postgres.Tests;

/// <summary>A schema of its own for a test, the stores that the test opens on it, and ways to look into it.</summary>
public sealed class PostgresSchema : IAsyncDisposable
{
    /// <summary>Not a whole second, so that a digit that goes missing is found out.</summary>
    private static readonly DateTimeOffset Start = new DateTimeOffset(2031, 5, 4, 3, 2, 1, TimeSpan.Zero).AddTicks(1_234_560);

    private readonly List<PostgresStore> _stores = [];
    private readonly List<string> _roles = [];
    private readonly string _server;
    private readonly bool _isDatabase;
    private readonly NpgsqlDataSource _admin;

    private PostgresSchema(string server, bool isDatabase)
    {
        _isDatabase = isDatabase;
        _server = isDatabase ? new NpgsqlConnectionStringBuilder(server) { Database = Name }.ConnectionString : server;
        _admin = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_server) { MaxPoolSize = 5, ApplicationName = $"{Name} test" });
    }

    public string Name { get; } = $"test_{RandomNumberGenerator.GetHexString(12, lowercase: true)}";

    /// <summary>The table as SQL has it.</summary>
    public string Table => $"{Name}.kv_sessions";

    /// <summary>The time by the clock of this schema's sessions, if it stands still (<see cref="StopClockAsync"/>).</summary>
    public DateTimeOffset Now { get; private set; } = Start;

    /// <summary>A role that may do everything, on a pool that has room for the races of the suite.</summary>
    public string ConnectionString => ConnectionStringFor();

    /// <param name="server">The server; that of all tests by default.</param>
    public static async Task<PostgresSchema> CreateAsync(PostgresServer? server = null)
    {
        var schema = new PostgresSchema(server?.ConnectionString ?? await ServerAsync(), isDatabase: false);
        await schema.ExecuteAsync($"CREATE SCHEMA {schema.Name}");
        return schema;
    }

    /// <summary>In a database of its own.</summary>
    public static async Task<PostgresSchema> CreateWithDatabaseAsync(string options = "")
    {
        var server = await ServerAsync();
        var schema = new PostgresSchema(server, isDatabase: true);
        await OnServerAsync(server, $"CREATE DATABASE {schema.Name} {options}");
        await schema.ExecuteAsync($"CREATE SCHEMA {schema.Name}");
        return schema;
    }

    public string ConnectionStringFor(Action<NpgsqlConnectionStringBuilder>? configure = null)
    {
        // The schema before pg_catalog, so that its clock is found first, if it has one.
        var builder = new NpgsqlConnectionStringBuilder(_server)
        {
            SearchPath = $"{Name},pg_catalog",
            MaxPoolSize = 20,
            ApplicationName = Name,
        };
        configure?.Invoke(builder);
        return builder.ConnectionString;
    }

    public PostgresStore NewStore(Action<PostgresStoreOptions>? configure = null)
    {
        // Longer than the default: a machine that runs other things besides the tests may pause them.
        var options = new PostgresStoreOptions { ConnectionString = ConnectionString, Schema = Name, ConnectTimeout = TimeSpan.FromSeconds(30) };
        configure?.Invoke(options);
        var store = new PostgresStore(options);
        _stores.Add(store);
        return store;
    }

    public async Task<PostgresStore> NewMigratedStoreAsync(Action<PostgresStoreOptions>? configure = null)
    {
        var store = NewStore(configure);
        await store.MigrateUpAsync();
        return store;
    }

    /// <summary>
    /// Gives the schema a clock that stands still until it is moved: a function of the name that the statements call, found before the
    /// server's own by the search path of <see cref="ConnectionString"/>.
    /// </summary>
    public Task StopClockAsync() =>
        ExecuteAsync(
            $"""
            CREATE TABLE {Name}.clock (now timestamptz NOT NULL);
            INSERT INTO {Name}.clock VALUES ('{Now:O}');
            CREATE FUNCTION {Name}.statement_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT now FROM {Name}.clock';
            """);

    public async Task AdvanceAsync(TimeSpan by)
    {
        Now += by;
        await ExecuteAsync($"UPDATE {Name}.clock SET now = '{Now:O}'");
    }

    /// <summary>A role that may log in, and nothing else.</summary>
    /// <returns>A connection string for it.</returns>
    public async Task<string> NewRoleAsync(Action<NpgsqlConnectionStringBuilder>? configure = null)
    {
        var role = $"{Name}_{_roles.Count}";
        await ExecuteAsync($"CREATE ROLE {role} LOGIN PASSWORD 'open sesame'; GRANT USAGE ON SCHEMA {Name} TO {role}");
        _roles.Add(role);
        return ConnectionStringFor(builder =>
        {
            builder.Username = role;
            builder.Password = "open sesame";
            configure?.Invoke(builder);
        });
    }

    public static string RoleOf(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString).Username!;

    /// <summary>A connection of the role that may do everything.</summary>
    public ValueTask<NpgsqlConnection> OpenAsync() => _admin.OpenConnectionAsync();

    public async Task ExecuteAsync(string sql, object? parameters = null)
    {
        await using var connection = await OpenAsync();
        await connection.ExecuteAsync(sql, parameters);
    }

    public async Task<T?> ScalarAsync<T>(string sql, object? parameters = null)
    {
        await using var connection = await OpenAsync();
        return await connection.ExecuteScalarAsync<T>(sql, parameters);
    }

    /// <summary>Ends every connection of this schema's stores on the server, as an administrator or a restart does.</summary>
    public Task TerminateConnectionsAsync() =>
        ExecuteAsync("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = @Name", new { Name });

    /// <summary>Waits until so many statements of this schema's stores wait for a lock.</summary>
    public async Task WaitForLocksAsync(int count)
    {
        const string Waiting = "SELECT count(*) FROM pg_stat_activity WHERE application_name = @Name AND wait_event_type = 'Lock'";
        await using var connection = await OpenAsync();
        await Eventually.TrueAsync(
            async () => await connection.ExecuteScalarAsync<long>(Waiting, new { Name }) >= count, $"{count} statements wait for a lock");
    }

    /// <summary>Waits until this schema's stores have no connection.</summary>
    public async Task WaitForNoConnectionAsync()
    {
        const string Open = "SELECT count(*) FROM pg_stat_activity WHERE application_name = @Name";
        await using var connection = await OpenAsync();
        await Eventually.TrueAsync(
            async () => await connection.ExecuteScalarAsync<long>(Open, new { Name }) == 0, "the stores of this schema have no connection");
    }

    public SessionRecord NewRecord(string? subject = null, SessionExpiry? expiry = null, params (string Key, string Value)[] values) =>
        new()
        {
            Handle = SessionId.New().Handle,
            Version = 1,
            CreatedAt = Now,
            LastSeenAt = Now,
            Expiry = expiry ?? SessionExpiry.Idle(TimeSpan.FromMinutes(20)),
            Subject = subject,
            Values = Set(values.Length == 0 ? [("cart", "apples")] : values),
        };

    public static SessionValues Set(params (string Key, string Value)[] entries) =>
        SessionValues.From(entries.Select(static entry =>
            KeyValuePair.Create(entry.Key, (ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes(entry.Value))));

    /// <summary>Closes the stores and makes a schema whose clock was stopped as it was before the first of them wrote.</summary>
    public async Task EmptyAsync()
    {
        await CloseStoresAsync();

        // A call that was given up may still be at work.
        await TerminateConnectionsAsync();
        Now = Start;
        await ExecuteAsync($"TRUNCATE {Table}; UPDATE {Name}.clock SET now = '{Now:O}'");
    }

    public async ValueTask DisposeAsync()
    {
        await CloseStoresAsync();
        await ExecuteAsync($"DROP SCHEMA IF EXISTS {Name} CASCADE");
        foreach (var role in _roles)
        {
            await ExecuteAsync($"DROP OWNED BY {role} CASCADE; DROP ROLE {role}");
        }

        await _admin.DisposeAsync();
        if (_isDatabase)
        {
            await OnServerAsync(await ServerAsync(), $"DROP DATABASE {Name} WITH (FORCE)");
        }
    }

    /// <summary>The server of the run, as a role that may do everything.</summary>
    private static async ValueTask<string> ServerAsync() => (await PostgresSchemas.OfThisRunAsync()).ConnectionString;

    private async Task CloseStoresAsync()
    {
        foreach (var store in _stores)
        {
            await store.DisposeAsync();
        }

        _stores.Clear();
    }

    private static async Task OnServerAsync(string server, string sql)
    {
        await using var connection = new NpgsqlConnection(server);
        await connection.ExecuteAsync(sql);
    }
}
