using KvSessions.Stores.Conformance;

namespace KvSessions.Stores.Postgres.Tests;

internal sealed class PostgresHarness : SessionStoreHarness
{
    private readonly PostgresSchema _schema;
    private readonly string _role;
    private readonly PostgresSchemas? _schemas;
    private PostgresStore _store;

    private PostgresHarness(PostgresSchema schema, string role, PostgresSchemas? schemas)
    {
        (_schema, _role, _schemas) = (schema, role, schemas);
        _store = NewStore();
    }

    public override ISessionStore Store => _store;

    public override DateTimeOffset Now => _schema.Now;

    public override TimeSpan ClockResolution => TimeSpan.FromMicroseconds(1);

    public override int RaceRounds => 40;

    public static async ValueTask<SessionStoreHarness> CreateAsync()
    {
        var schemas = await PostgresSchemas.OfThisRunAsync();
        return schemas.TryTake(out var empty) ? new PostgresHarness(empty.Schema, empty.Role, schemas) : await CreateAsync(schemas);
    }

    /// <summary>On a schema that no other test sees, for tests that change it.</summary>
    public static async ValueTask<SessionStoreHarness> CreateOwnAsync() => await CreateAsync(schemas: null);

    public override async ValueTask AdvanceAsync(TimeSpan by) => await _schema.AdvanceAsync(by);

    public override async ValueTask ReopenAsync()
    {
        await _store.DisposeAsync();
        _store = NewStore();
    }

    // As when the server is gone: the connections in the pool are dead, and there are no new ones.
    public override async ValueTask BreakAsync()
    {
        await _schema.ExecuteAsync($"ALTER ROLE {PostgresSchema.RoleOf(_role)} NOLOGIN");
        await _schema.TerminateConnectionsAsync();
    }

    public override async ValueTask MendAsync() => await _schema.ExecuteAsync($"ALTER ROLE {PostgresSchema.RoleOf(_role)} LOGIN");

    public override ValueTask<ISessionStore> OpenNodeAsync() => new(NewStore());

    public override async ValueTask DamageAsync(SessionHandle handle) => await SetFormatAsync(handle, 255);

    public override async ValueTask RepairAsync(SessionHandle handle) => await SetFormatAsync(handle, 1);

    public override async ValueTask DisposeAsync()
    {
        if (_schemas is null)
        {
            await _schema.DisposeAsync();
        }
        else
        {
            await MendAsync();
            await _schema.EmptyAsync();
            _schemas.Add(_schema, _role);
        }

        await base.DisposeAsync();
    }

    private static async Task<PostgresHarness> CreateAsync(PostgresSchemas? schemas)
    {
        var schema = await PostgresSchema.CreateAsync();
        await schema.StopClockAsync();
        var role = await schema.NewRoleAsync();
        await schema.ExecuteAsync(
            $"GRANT ALL ON SCHEMA {schema.Name} TO {PostgresSchema.RoleOf(role)}; GRANT SELECT ON {schema.Name}.clock TO {PostgresSchema.RoleOf(role)}");
        var harness = new PostgresHarness(schema, role, schemas);
        await harness._store.MigrateUpAsync();
        return harness;
    }

    private PostgresStore NewStore() => _schema.NewStore(options => options.ConnectionString = _role);

    private Task SetFormatAsync(SessionHandle handle, int format) =>
        _schema.ExecuteAsync($"UPDATE {_schema.Table} SET format = @format WHERE handle = @Handle", new { format, Handle = handle.ToByteArray() });
}
