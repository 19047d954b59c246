using System.Collections.Concurrent;
using KvSessions.Stores.Conformance;
using KvSessions.TestServers;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace KvSessions.Stores.Postgres.Tests;

internal sealed class PostgresHarness : SessionStoreHarness
{
    // A schema takes longer to make than most tests take. They end with the server, which is of this run alone.
    private static readonly ConcurrentBag<(PostgresSchema Schema, string Role)> Empty = [];

    private readonly PostgresSchema _schema;
    private readonly string _role;
    private readonly bool _isShared;
    private PostgresStore _store;

    private PostgresHarness(PostgresSchema schema, string role, bool isShared)
    {
        (_schema, _role, _isShared) = (schema, role, isShared);
        _store = NewStore();
    }

    public override ISessionStore Store => _store;

    public override DateTimeOffset Now => _schema.Now;

    public override TimeSpan ClockResolution => TimeSpan.FromMicroseconds(1);

    public override int RaceRounds => 40;

    public static async ValueTask<SessionStoreHarness> CreateAsync() =>
        Empty.TryTake(out var empty) ? new PostgresHarness(empty.Schema, empty.Role, isShared: true) : await CreateAsync(isShared: true);

    /// <summary>On a schema that no other test sees, for tests that change it.</summary>
    public static async ValueTask<SessionStoreHarness> CreateOwnAsync() => await CreateAsync(isShared: false);

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
        if (_isShared)
        {
            await MendAsync();
            await _schema.EmptyAsync();
            Empty.Add((_schema, _role));
        }
        else
        {
            await _schema.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    private static async Task<PostgresHarness> CreateAsync(bool isShared)
    {
        var schema = await PostgresSchema.CreateAsync();
        await schema.StopClockAsync();
        var role = await schema.NewRoleAsync();
        await schema.ExecuteAsync(
            $"GRANT ALL ON SCHEMA {schema.Name} TO {PostgresSchema.RoleOf(role)}; GRANT SELECT ON {schema.Name}.clock TO {PostgresSchema.RoleOf(role)}");
        var harness = new PostgresHarness(schema, role, isShared);
        await harness._store.MigrateUpAsync();
        return harness;
    }

    private PostgresStore NewStore() => _schema.NewStore(options => options.ConnectionString = _role);

    private Task SetFormatAsync(SessionHandle handle, int format) =>
        _schema.ExecuteAsync($"UPDATE {_schema.Table} SET format = @format WHERE handle = @Handle", new { format, Handle = handle.ToByteArray() });
}
